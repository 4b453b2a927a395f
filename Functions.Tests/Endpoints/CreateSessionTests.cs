using Microsoft.AspNetCore.WebUtilities;
using TokenBroker.Storage;
using TokenBroker.Tests.Infrastructure;
using TokenBroker.Web;

namespace TokenBroker.Tests.Endpoints;

public sealed class CreateSessionTests
{
    private const string Challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    [Theory]
    [InlineData("/create-session?scopes=basic,events:read")]
    [InlineData("/create_session?scopes=basic,events:read")]
    [InlineData("/Create-Session/?scopes=BASIC%20events:read,basic")]
    [InlineData("/create-session?scopes=basic,events:read&app=lifescope")]
    [InlineData("/create-session?scopes=basic,events:read&client_id=lifescope-client-id")]
    [InlineData("/create-session?scopes=basic,events:read&unknown=x&unknown=y")]
    public async Task The_browser_goes_to_the_provider_with_what_the_provider_asks_for(string url)
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();

        var answer = await browser.GetAsync(url);

        Assert.Equal(302, answer.Status);
        var location = new Uri(answer.Location!);
        Assert.Equal(new Uri(broker.LifeScope.Url, "/auth"), new Uri(location.GetLeftPart(UriPartial.Path)));
        var query = QueryHelpers.ParseQuery(location.Query);
        Assert.Equal(["client_id", "redirect_uri", "response_type", "scope", "state"], query.Keys.Order());
        Assert.Equal("lifescope-client-id", query["client_id"]);
        Assert.Equal($"{broker.Url.AbsoluteUri}complete", query["redirect_uri"]);
        Assert.Equal("code", query["response_type"]);
        Assert.Equal("basic,events:read", query["scope"]);
        Assert.Equal(55, query["state"].ToString().Length);
    }

    [Fact]
    public async Task The_cookie_lives_five_minutes_and_is_kept_from_scripts_and_other_sites()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        var cookies = (await browser.GetAsync("/create-session?scopes=basic")).Response.Headers.GetValues("Set-Cookie").ToList();
        // The other tells how to begin again when the session is gone.
        Assert.Matches("^start_again=[0-9a-f]{8}\\.[\\w-]+; max-age=3600; path=/; samesite=lax; httponly$",
            cookies.Single(text => text.StartsWith("start_again", StringComparison.Ordinal)));
        var cookie = cookies.Single(text => text.StartsWith("unity", StringComparison.Ordinal));
        Assert.Matches("^unity_session_id=[0-9a-f]{12}[\\w-]{43}; max-age=300; path=/; samesite=lax; httponly$", cookie);
    }

    [Fact]
    public async Task Over_https_the_cookie_is_secure_and_the_response_says_so_for_good()
    {
        await using var broker = await Broker.StartAsync(settings: new() { ["Broker:PublicUrl"] = "https://broker.example.com/auth" });
        using var browser = broker.NewBrowser();
        var answer = await browser.GetAsync("/create-session?scopes=basic");
        Assert.Contains("; secure;", answer.Header("Set-Cookie"), StringComparison.Ordinal);
        Assert.StartsWith("max-age=", answer.Header("Strict-Transport-Security"), StringComparison.Ordinal);
        Assert.Contains("redirect_uri=https%3A%2F%2Fbroker.example.com%2Fauth%2Fcomplete&", answer.Location, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Over_https_a_cookie_that_a_neighbouring_host_has_planted_is_none()
    {
        await using var broker = await Broker.StartAsync(settings: new() { ["Broker:PublicUrl"] = "https://broker.example.com" });
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = broker.Url };
        var id = SessionId.New(broker.Time.GetUtcNow());
        await broker.Store.AddAsync(Session.Begin(id, "lifescope", ["basic"]), default);
        async Task<string> HeadingAsync(string cookies)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/complete");
            request.Headers.Add("Cookie", cookies);
            return (await Answer.OfAsync(await http.SendAsync(request))).Heading;
        }

        Assert.Equal("We lost track of your sign-in", await HeadingAsync($"unity_session_id={id.Text}"));
        Assert.Equal("We lost track of your sign-in",
            await HeadingAsync($"unity_session_id={id.Text}; __Host-unity_session_id={SessionId.New(broker.Time.GetUtcNow()).Text}"));
        Assert.Equal("Not signed in yet", await HeadingAsync($"unity_session_id={id.Text}; __Host-unity_session_id={id.Text}"));
    }

    [Theory]
    [InlineData("/create-session", "The scopes are missing. Allowed: basic,")]
    [InlineData("/create-session?scopes=", "The scopes are missing. Allowed: basic,")]
    [InlineData("/create-session?scopes=basic,steal:all", "may not ask for these scopes. Allowed: basic,")]
    [InlineData("/create-session?scopes=%3Cscript%3Ealert(1)%3C/script%3E", "may not ask for these scopes")]
    [InlineData("/create-session?scopes=basic&dpop_jkt=short", "&#x27;dpop_jkt&#x27; must be")]
    [InlineData("/create-session?scopes=basic&scopes=basic", "&#x27;scopes&#x27; is given more than once")]
    [InlineData("/create-session?scopes=basic&app=lifescope&app=lifescope", "&#x27;app&#x27; is given more than once")]
    [InlineData("/create-session?scopes=basic&app=nobody", "names no game")]
    [InlineData("/create-session?scopes=basic&client_id=nobody", "names no game")]
    [InlineData("/create-session?scopes=basic&code_challenge=" + Challenge, "S256")]
    [InlineData("/create-session?scopes=basic&code_challenge=" + Challenge + "&code_challenge_method=plain", "S256")]
    [InlineData("/create-session?scopes=basic&code_challenge=short&code_challenge_method=S256", "S256")]
    [InlineData("/create-session?scopes=basic&code_challenge_method=S256", "S256")]
    public async Task A_bad_link_is_explained_and_starts_nothing(string url, string explanation)
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        var answer = await browser.GetAsync(url);
        Assert.Equal((400, "This link does not work"), (answer.Status, answer.Heading));
        Assert.Contains(explanation, answer.Body, StringComparison.Ordinal);
        Assert.Null(answer.Header("Set-Cookie"));
    }

    [Fact]
    public async Task Every_create_session_clears_what_is_older_than_five_minutes()
    {
        await using var broker = await Broker.StartAsync(await Broker.NewTableStoreAsync());
        using var browser = broker.NewBrowser();
        var old = await OpenSessionAsync(broker, browser);
        broker.Time.Advance(TimeSpan.FromMinutes(1));
        var young = await OpenSessionAsync(broker, browser);
        broker.Time.Advance(TimeSpan.FromMinutes(4));

        await OpenSessionAsync(broker, browser);

        Assert.Null(await broker.Store.FindAsync(old, default));
        Assert.NotNull(await broker.Store.FindAsync(young, default));
    }

    [Fact]
    public async Task An_app_can_require_PKCE()
    {
        await using var broker = await Broker.StartAsync(settings: new() { ["Apps:lifescope:RequirePkce"] = "true" });
        using var browser = broker.NewBrowser();
        var refused = await browser.GetAsync("/create-session?scopes=basic");
        Assert.Equal(400, refused.Status);
        Assert.Contains("code_challenge", refused.Body, StringComparison.Ordinal);
        Assert.Equal(302, (await browser.GetAsync(
            $"/create-session?scopes=basic&code_challenge={Challenge}&code_challenge_method=S256")).Status);
    }

    [Fact]
    public async Task Clearing_delays_no_redirect()
    {
        var store = new StoreWithHeldSweep();
        await using var broker = await Broker.StartAsync(store);
        using var browser = broker.NewBrowser();
        Assert.Equal(302, (await browser.GetAsync("/create-session?scopes=basic")).Status);
        Assert.False(broker.Sweeper.InBackground.IsCompleted);
        store.Release();
        await broker.Sweeper.InBackground;
    }

    private static async Task<SessionId> OpenSessionAsync(Broker broker, Browser browser)
    {
        await browser.GetAsync("/create-session?scopes=basic");
        await broker.Sweeper.InBackground;
        return SessionId.TryParse(browser.Cookies.GetCookies(broker.Url)[SessionCookie.Name]!.Value)!;
    }

    private sealed class StoreWithHeldSweep() : StoreDecorator(new MemorySessionStore())
    {
        private readonly TaskCompletionSource _held = new();

        public void Release() => _held.SetResult();

        public override async Task<int?> SweepAsync(DateTimeOffset now, int limit, CancellationToken cancellation)
        {
            await _held.Task;
            return await base.SweepAsync(now, limit, cancellation);
        }
    }
}
