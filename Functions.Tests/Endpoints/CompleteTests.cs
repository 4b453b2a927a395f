using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using TokenBroker.Secrets;
using TokenBroker.Storage;
using TokenBroker.Tests.Infrastructure;
using TokenBroker.Web;

namespace TokenBroker.Tests.Endpoints;

public sealed class CompleteTests
{
    [Theory]
    [InlineData("?ui_locales=en")]
    [InlineData("?fbclid=1")]
    public async Task What_is_no_answer_of_the_provider_shows_the_page(string query)
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        var code = await browser.SignInAsync();
        Assert.Equal(code, (await browser.GetAsync($"/complete{query}")).AccessCode);
    }

    [Theory]
    [InlineData("https://accounts.google.com", false)]
    [InlineData("https://example.com", false)]
    [InlineData("nonsense", false)]
    [InlineData("http://127.0.0.1", true)]
    public async Task An_issuer_where_none_is_known_must_be_of_a_host_that_the_app_talks_to(string issuer, bool accepted)
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        var back = await browser.ApproveAsync("/create-session?scopes=basic");
        var answer = await browser.GetAsync($"{back.Location}&iss={Uri.EscapeDataString(issuer)}");
        Assert.Equal(accepted ? 303 : 400, answer.Status);
        Assert.Equal(accepted ? 1 : 0, broker.LifeScope.TokenRequests);
    }

    [Fact]
    public async Task Declining_is_told_and_can_be_thought_over()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        var consent = await browser.OpenAsync("/create-session?scopes=basic,events:read");
        // LifeScope's denial comes without state, and is believed for the session in the cookie.
        var back = await browser.DecideAsync(consent, "deny");
        Assert.DoesNotContain("state", back.Location, StringComparison.Ordinal);

        var page = await browser.OpenAsync(back.Location!);

        Assert.Equal((403, "You declined"), (page.Status, page.Heading));
        Assert.Equal(403, (await browser.GetAsync("/complete")).Status);
        var again = page.Document.QuerySelector("a.button")!.GetAttribute("href")!;
        Assert.Equal("/create-session?app=lifescope&scopes=basic,events%3Aread", again);
        Assert.NotNull((await browser.FollowAsync(await browser.ApproveAsync(again))).AccessCode);
    }

    [Fact]
    public async Task A_denial_with_the_right_state_is_believed_and_with_a_wrong_one_not()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        var state = await StartAsync(browser);
        Assert.Equal(400, (await browser.GetAsync("/complete?error=access_denied&state=wrong")).Status);
        Assert.Equal(403, (await browser.GetAsync($"/complete?error=access_denied&state={state}")).Status);
    }

    [Fact]
    public async Task Another_error_without_state_is_not_believed()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        var back = await browser.ApproveAsync("/create-session?scopes=basic");
        Assert.Equal(400, (await browser.GetAsync("/complete?error=server_error")).Status);
        Assert.NotNull((await browser.OpenAsync(back.Location!)).AccessCode);
    }

    [Fact]
    public async Task An_error_of_the_provider_is_trouble_and_nothing_of_it_is_shown()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        var state = await StartAsync(browser);
        var page = await browser.GetAsync($"/complete?error=server_error&error_description=call+0800-PHISH&state={state}");
        Assert.Equal(502, page.Status);
        Assert.DoesNotContain("PHISH", page.Body, StringComparison.Ordinal);
        Assert.Equal(502, (await browser.GetAsync("/complete")).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("&state=wrong")]
    [InlineData("&state=")]
    public async Task A_wrong_state_is_refused_and_leaves_the_session_as_it_was(string state)
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        var back = await browser.ApproveAsync("/create-session?scopes=basic");

        var page = await browser.GetAsync($"/complete?code=stolen{state}");

        Assert.Equal((400, "This link belongs to another sign-in"), (page.Status, page.Heading));
        Assert.Equal(0, broker.LifeScope.TokenRequests);
        Assert.NotNull((await browser.OpenAsync(back.Location!)).AccessCode);
    }

    [Fact]
    public async Task The_link_back_works_in_no_other_browser()
    {
        await using var broker = await Broker.StartAsync();
        using var victim = broker.NewBrowser();
        using var attacker = broker.NewBrowser();
        var back = await attacker.ApproveAsync("/create-session?scopes=basic");
        var withoutCookie = await victim.GetAsync(back.Location!);
        Assert.Equal((400, "We lost track of your sign-in"), (withoutCookie.Status, withoutCookie.Heading));
        await StartAsync(victim);
        Assert.Equal(400, (await victim.GetAsync(back.Location!)).Status);
        Assert.Equal(0, broker.LifeScope.TokenRequests);
    }

    [Theory]
    [InlineData("/complete?state={0}")]
    [InlineData("/complete?code=&state={0}")]
    [InlineData("/complete?code=a&code=b&state={0}")]
    [InlineData("/complete?code=a&state={0}&state={0}")]
    [InlineData("/complete?code=a&error=access_denied&error=x&state={0}")]
    public async Task A_link_that_cannot_be_read_is_bad_and_leaves_the_session_as_it_was(string url)
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        var back = await browser.ApproveAsync("/create-session?scopes=basic");
        var state = QueryHelpers.ParseQuery(new Uri(back.Location!).Query)["state"].ToString();

        Assert.Equal(400, (await browser.GetAsync(url.Replace("{0}", state, StringComparison.Ordinal))).Status);

        Assert.NotNull((await browser.OpenAsync(back.Location!)).AccessCode);
    }

    [Fact]
    public async Task Without_a_sign_in_there_is_nothing_to_show()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        Assert.Equal(400, (await browser.GetAsync("/complete")).Status);
        await StartAsync(browser);
        var page = await browser.GetAsync("/complete");
        Assert.Equal((400, "Not signed in yet"), (page.Status, page.Heading));
    }

    [Fact]
    public async Task A_cookie_that_is_none_of_ours_is_like_none()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        browser.Cookies.Add(broker.Url, new System.Net.Cookie(SessionCookie.Name, SessionId.New(broker.Time.GetUtcNow()).Text));
        Assert.Equal(400, (await browser.GetAsync("/complete?code=a&state=b")).Status);
        browser.Cookies.Add(broker.Url, new System.Net.Cookie(SessionCookie.Name, "nonsense"));
        Assert.Equal(400, (await browser.GetAsync("/complete?code=a&state=b")).Status);
    }

    [Fact]
    public async Task A_provider_that_gives_no_token_ends_the_session_and_another_can_begin()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        broker.LifeScope.Misbehaviour = http =>
        {
            http.Response.StatusCode = 500;
            return http.Response.Body.WriteAsync("secret stack trace"u8.ToArray()).AsTask();
        };

        var page = await browser.OpenAsync((await browser.ApproveAsync("/create-session?scopes=basic")).Location!);

        Assert.Equal(502, page.Status);
        Assert.DoesNotContain("stack trace", page.Body, StringComparison.Ordinal);
        Assert.Equal(502, (await browser.GetAsync("/complete")).Status);
        broker.LifeScope.Misbehaviour = null;
        var again = page.Document.QuerySelector("a.button")!.GetAttribute("href")!;
        Assert.NotNull((await browser.FollowAsync(await browser.ApproveAsync(again))).AccessCode);
    }

    [Fact]
    public async Task A_provider_that_hangs_is_given_up_after_ten_seconds()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        var arrived = new TaskCompletionSource();
        broker.LifeScope.Misbehaviour = async http =>
        {
            arrived.SetResult();
            await Task.Delay(Timeout.Infinite, http.RequestAborted);
        };
        var back = await browser.ApproveAsync("/create-session?scopes=basic");
        var waiting = browser.OpenAsync(back.Location!);
        await arrived.Task;

        // Meanwhile a reload says that it is being finished.
        var meanwhile = await browser.GetAsync("/complete");
        Assert.Equal((202, "2"), (meanwhile.Status, meanwhile.Header("Refresh")));
        broker.Time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(504, (await waiting).Status);
    }

    [Fact]
    public async Task A_rotated_client_secret_needs_no_restart_where_there_is_a_vault()
    {
        var secrets = new FakeSecrets { ClientSecret = "first" };
        await using var broker = await Broker.StartAsync(configure: services => services.AddSingleton<ISecrets>(secrets));
        secrets.Rotated = broker.LifeScope.ClientSecret;
        using var browser = broker.NewBrowser();
        broker.LifeScope.Misbehaviour = async http =>
        {
            var secret = (await System.Text.Json.JsonDocument.ParseAsync(http.Request.Body)).RootElement.GetProperty("client_secret")
                .GetString();
            http.Response.StatusCode = secret == secrets.Rotated ? 200 : 401;
            await http.Response.Body.WriteAsync(
                secret == secrets.Rotated ? """{"access_token":"at"}"""u8.ToArray() : """{"error":"invalid_client"}"""u8.ToArray());
        };
        Assert.NotEmpty(await browser.SignInAsync());
        Assert.Equal(2, broker.LifeScope.TokenRequests);
    }

    private static async Task<string> StartAsync(Browser browser)
    {
        var start = await browser.GetAsync("/create-session?scopes=basic");
        return QueryHelpers.ParseQuery(new Uri(start.Location!).Query)["state"].ToString();
    }
}
