using System.Reflection;
using Azure;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Endpoints;

public sealed class HeaderTests
{
    [Theory]
    [InlineData("/create-session?scopes=basic")]
    [InlineData("/create-session")]
    [InlineData("/complete")]
    [InlineData("/exchange-code")]
    [InlineData("/exchange-code?access_code=a2B3c4D5")]
    [InlineData("/exchange_code")]
    [InlineData("/create_session")]
    [InlineData("/userinfo")]
    [InlineData("/health")]
    [InlineData("/")]
    [InlineData("/openapi.json")]
    [InlineData("/device")]
    [InlineData("/device?user_code=BCDF-GHJK")]
    [InlineData("/device/qr")]
    [InlineData("/device/qr?user_code=BCDF-GHJK")]
    [InlineData("/.well-known/oauth-authorization-server")]
    [InlineData("/.well-known/openid-configuration")]
    [InlineData("/authorize")]
    [InlineData("/jwks")]
    [InlineData("/authorize?client_id=lifescope&redirect_uri=http%3A%2F%2F127.0.0.1%3A5555%2Fcallback")]
    [InlineData("/authorize?client_id=lifescope&redirect_uri=com.example.lifescope%3A%2Fcallback")]
    public async Task Every_response_forbids_storing_framing_sniffing_and_referring(string url)
    {
        await using var broker = await Broker.StartAsync(settings: new() { ["Broker:PublicUrl"] = "https://broker.example.com" });
        using var browser = broker.NewBrowser();
        // Public keys may be kept for five minutes, and nothing else.
        AssertHeaders((await browser.GetAsync(url)).Response, cache: url == "/jwks" ? "public, max-age=300" : "no-store");
    }

    [Theory]
    [InlineData("GET", "/nothing")]
    [InlineData("PUT", "/token")]
    [InlineData("GET", "/token")]
    [InlineData("BREW", "/complete")]
    [InlineData("GET", "/.well-known/nothing")]
    [InlineData("GET", "/.well-known/oauth-authorization-server/nothing")]
    [InlineData("GET", "/%2e%2e/%00")]
    public async Task What_is_not_there_carries_the_headers_too(string method, string url)
    {
        await using var broker = await Broker.StartAsync(settings: new() { ["Broker:PublicUrl"] = "https://broker.example.com" });
        using var game = broker.NewGame();
        var answer = await game.SendAsync(new(new(method), new Uri(url, UriKind.Relative)));
        Assert.Contains(answer.Status, (int[])[400, 404]);
        if (answer.Status == 404)
            AssertHeaders(answer.Response);
    }

    [Fact]
    public async Task A_request_that_is_refused_before_its_endpoint_carries_the_headers_too()
    {
        const string frontDoor = "0f8fad5b-d9cb-469f-a165-70867728950e";
        await using var broker = await Broker.StartAsync(settings: new() { ["Broker:PublicUrl"] = "https://broker.example.com" });
        await using var behindFrontDoor = await Broker.StartAsync(settings: new()
        {
            ["Broker:PublicUrl"] = "https://broker.example.com",
            ["Broker:FrontDoorId"] = frontDoor,
        });
        using var game = broker.NewGame();
        using var stranger = behindFrontDoor.NewGame();
        AssertHeaders((await stranger.GetAsync("/health")).Response);
        AssertHeaders((await game.GetAsync("/complete?headers=x")).Response);
        AssertHeaders((await game.PostAsync("/token", ("x", new string('x', 70_000)))).Response);
        using var prefetch = broker.NewGame();
        prefetch.Headers.Add("Sec-Purpose", "prefetch");
        AssertHeaders((await prefetch.GetAsync("/complete")).Response);
        using var embedded = broker.NewGame();
        embedded.Headers.Add("Sec-Fetch-Mode", "no-cors");
        AssertHeaders((await embedded.GetAsync("/complete")).Response);
    }

    [Theory]
    [InlineData("/device", "same-origin")]
    [InlineData("/device?user_code=BCDF-GHJK", "same-origin")]
    [InlineData("/", "same-origin")]
    [InlineData("/create-session?scopes=basic", null)]
    [InlineData("/authorize", null)]
    [InlineData("/complete", null)]
    public async Task Only_windows_that_a_game_may_have_opened_stay_tied_to_their_opener(string url, string? policy)
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        Assert.Equal(policy, (await browser.GetAsync(url)).Header("Cross-Origin-Opener-Policy"));
    }

    [Fact]
    public async Task The_test_above_knows_every_route_that_answers_GET_and_the_others_carry_the_headers_too()
    {
        await using var broker = await Broker.StartAsync(settings: new() { ["Broker:PublicUrl"] = "https://broker.example.com" });
        var tested = typeof(HeaderTests).GetMethod(nameof(Every_response_forbids_storing_framing_sniffing_and_referring))!
            .GetCustomAttributes<InlineDataAttribute>()
                .Select(data => ((string)data.GetData(null!).Single()[0]).Split('?')[0].TrimStart('/'));
        Assert.Equal(
            Routes.All.Where(function => function.Methods.Contains("GET")).Select(Routes.PathOf).Order(),
            tested.Distinct().Order());

        using var game = broker.NewGame();
        foreach (var function in Routes.All.Where(function => function.Methods.Contains("POST")))
            AssertHeaders((await game.PostAsync($"/{function.Route}")).Response);
    }

    [Fact]
    public async Task Success_and_failure_of_every_kind_carry_the_headers()
    {
        var store = new FailingStore();
        await using var broker = await Broker.StartAsync(store);
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        async Task ExpectAsync(int status, Task<HttpResponseMessage> asking)
        {
            var response = await asking;
            Assert.Equal(status, (int)response.StatusCode);
            AssertHeaders(response, https: false);
        }

        var start = await browser.GetAsync("/create-session?scopes=basic");
        await ExpectAsync(302, Task.FromResult(start.Response));
        var back = (await browser.DecideAsync(await browser.FollowAsync(start), "approve")).Location!;
        await ExpectAsync(303, ResponseOf(browser.GetAsync(back)));
        var page = await browser.GetAsync("/complete");
        await ExpectAsync(200, Task.FromResult(page.Response));
        var token = await game.ExchangeAsync(page.AccessCode!);
        await ExpectAsync(200, Task.FromResult(token.Response));
        await ExpectAsync(200, ResponseOf(game.RefreshAsync("lifescope", token.Text("refresh_token")!)));
        await ExpectAsync(400, ResponseOf(game.ExchangeAsync(page.AccessCode!)));
        await ExpectAsync(401, ResponseOf(game.UserInfoAsync("aura", "nobody's")));
        var declined = await browser.DecideAsync(await browser.OpenAsync("/create-session?scopes=basic"), "deny");
        await ExpectAsync(403, ResponseOf(browser.OpenAsync(declined.Location!)));
        broker.LifeScope.Misbehaviour = http => http.Response.Body.WriteAsync("<html>"u8.ToArray()).AsTask();
        await ExpectAsync(502, ResponseOf(browser.OpenAsync((await browser.ApproveAsync("/create-session?scopes=basic")).Location!)));
        await browser.GetAsync("/create-session?scopes=basic");
        broker.Time.Advance(TimeSpan.FromMinutes(5));
        await ExpectAsync(410, ResponseOf(browser.GetAsync("/complete")));
        for (var guess = 0; guess < 10; guess++)
            await game.ExchangeAsync("wrong");
        await ExpectAsync(429, ResponseOf(game.ExchangeAsync("wrong")));
        store.Failure = new RequestFailedException(503, "down");
        await ExpectAsync(503, ResponseOf(browser.GetAsync("/create-session?scopes=basic")));
        store.Failure = new InvalidOperationException("a bug");
        await ExpectAsync(500, ResponseOf(browser.GetAsync("/create-session?scopes=basic")));
    }

    [Fact]
    public async Task Style_and_script_of_a_page_are_those_its_policy_names_and_nothing_else_is_loaded()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        var page = await browser.GetAsync("/complete");
        foreach (var (element, directive) in new[] { ("style", "style-src"), ("script", "script-src") })
        {
            var text = Assert.Single(page.Document.QuerySelectorAll(element)).TextContent;
            var hash = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)));
            Assert.Contains($"{directive} 'sha256-{hash}'", page.Header("Content-Security-Policy"), StringComparison.Ordinal);
        }
        Assert.Empty(page.Document.QuerySelectorAll("link:not([href^='data:']), img, iframe, [src], [style], [onclick], [onload]"));
    }

    private static void AssertHeaders(HttpResponseMessage response, bool https = true, string cache = "no-store")
    {
        string? Header(string name) =>
            response.Headers.TryGetValues(name, out var values) || response.Content.Headers.TryGetValues(name, out values)
                ? string.Join(", ", values)
                : null;
        Assert.Equal(cache, Header("Cache-Control"));
        Assert.Equal("nosniff", Header("X-Content-Type-Options"));
        Assert.Equal("no-referrer", Header("Referrer-Policy"));
        Assert.Equal(https, Header("Strict-Transport-Security") is not null);
        Assert.Contains("camera=()", Header("Permissions-Policy"), StringComparison.Ordinal);
        var policy = Header("Content-Security-Policy")!;
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Null(Header("Server"));
        Assert.Null(Header("X-Powered-By"));
    }

    private static async Task<HttpResponseMessage> ResponseOf(Task<Answer> asking) => (await asking).Response;

    private static async Task<HttpResponseMessage> ResponseOf(Task<Reply> asking) => (await asking).Response;
}
