using System.Globalization;
using AngleSharp.Html.Dom;
using Microsoft.IdentityModel.JsonWebTokens;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.OAuth;

/// <summary>A real server that nobody here wrote: npm's oidc-provider.</summary>
public sealed class OpenIdConnectTests : IAsyncLifetime
{
    private readonly string _issuer = $"http://127.0.0.1:{Ports.Free()}";
    private Broker _broker = null!;
    private NodeServer _server = null!;

    public async Task InitializeAsync()
    {
        _broker = await Broker.StartAsync(settings: Settings(_issuer));
        // The server must know the broker's address, so the broker is first and asks in vain, before there is a server; it remembers that
        // for five seconds.
        await Wait.UntilAsync(() => Task.FromResult(
            _broker.LogText.Contains("for app studio failed: Discovery at 127.0.0.1", StringComparison.Ordinal)));
        _server = await StartServerAsync(_issuer);
        _broker.Time.Advance(TimeSpan.FromSeconds(5));
        // Its ID tokens are dated by the real clock.
        _broker.Time.SetUtcNow(DateTimeOffset.UtcNow);
    }

    public async Task DisposeAsync()
    {
        _server.Dispose();
        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task Sign_in_refresh_with_rotation_and_user_info_work_by_discovery_alone()
    {
        using var browser = _broker.NewBrowser();
        using var game = _broker.NewGame();
        var page = await browser.FollowAsync(await ApproveAsync(browser));
        var reply = await game.ExchangeAsync(page.AccessCode!);
        Assert.Equal((200, "openid profile"), (reply.Status, reply.Text("scope")));
        Assert.Equal("oidc|127.0.0.1|ada", new JsonWebToken(reply.Text("id_token")).Subject);
        Assert.Null(reply.Text("extra"));

        var refreshToken = reply.Text("refresh_token")!;
        var accessToken = reply.OAuthToken!;
        for (var round = 0; round < 3; round++)
        {
            var refreshed = await game.PostAsync(
                "/token", ("grant_type", "refresh_token"), ("client_id", "studio"), ("refresh_token", refreshToken));
            Assert.Equal(200, refreshed.Status);
            Assert.NotEqual(refreshToken, refreshed.Text("refresh_token"));
            (refreshToken, accessToken) = (refreshed.Text("refresh_token")!, refreshed.Text("access_token")!);
        }
        Assert.Equal("ada", (await game.UserInfoAsync("studio", accessToken)).Text("sub"));
    }

    [Fact]
    public async Task A_player_comes_back_to_the_game_by_discovery_alone()
    {
        using var browser = _broker.NewBrowser();
        using var game = _broker.NewGame();
        var redirecting = new RedirectGame(game, "studio") { Scope = "openid profile" };
        var asked = await browser.GetAsync(redirecting.Address(("login_hint", "ada")));
        Assert.Contains("prompt=login", asked.Location, StringComparison.Ordinal);
        Assert.Contains("login_hint=ada", asked.Location, StringComparison.Ordinal);

        var back = await ApproveAsync(browser, asked);

        var tokens = await redirecting.RedeemAsync(redirecting.ParametersOf(await browser.GetAsync(back.Location!))["code"]);
        Assert.Equal((200, "openid profile"), (tokens.Status, tokens.Text("scope")));
        Assert.Equal("ada", (await game.UserInfoAsync("studio", tokens.Text("access_token")!)).Text("sub"));
    }

    [Fact]
    public async Task A_device_is_signed_in_and_revoked_at_the_provider_by_discovery_alone()
    {
        using var browser = _broker.NewBrowser();
        using var game = _broker.NewGame();
        var device = await game.StartDeviceAsync("studio", "openid profile");
        var accepted = await browser.AnswerDeviceAsync(await browser.OpenAsync(device.Text("verification_uri_complete")!));
        await browser.FollowAsync(await ApproveAsync(browser, accepted));
        var tokens = await game.PollAsync(device, "studio");
        Assert.Equal((200, "ada"), (tokens.Status, (await game.UserInfoAsync("studio", tokens.Text("access_token")!)).Text("sub")));

        Assert.Equal(200, (await game.PostAsync("/revoke", ("client_id", "studio"), ("token", tokens.Text("access_token")!))).Status);

        Assert.Equal("invalid_token", (await game.UserInfoAsync("studio", tokens.Text("access_token")!)).Error);
    }

    [Theory]
    [InlineData("iss=https%3A%2F%2Fevil.example.com")]
    [InlineData("")]
    public async Task A_callback_whose_issuer_is_another_or_missing_is_refused(string issuer)
    {
        using var browser = _broker.NewBrowser();
        var back = await ApproveAsync(browser);
        Assert.Contains($"iss={Uri.EscapeDataString(_issuer)}", back.Location, StringComparison.Ordinal);
        var query = string.Join('&', new Uri(back.Location!).Query.TrimStart('?').Split('&')
            .Where(pair => !pair.StartsWith("iss=", StringComparison.Ordinal)).Append(issuer));

        Assert.Equal(400, (await browser.GetAsync($"/complete?{query}")).Status);

        Assert.NotNull((await browser.FollowAsync(back)).AccessCode);
    }

    [Fact]
    public async Task A_provider_that_cannot_be_discovered_is_reported_and_stops_no_other()
    {
        await using var broker = await Broker.StartAsync(settings: Settings($"http://127.0.0.1:{Ports.Free()}"));
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var health = await game.GetAsync("/health");
        Assert.Equal((200, "unavailable"), (health.Status, health.Text("providers")));
        var page = await browser.GetAsync("/create-session?app=studio&scopes=openid");
        Assert.Equal(502, page.Status);
        Assert.NotEmpty(await browser.SignInAsync());
    }

    [Fact]
    public async Task A_configured_endpoint_takes_the_discovered_one_s_place()
    {
        var settings = Settings(_issuer);
        settings["Apps:studio:AuthorizationEndpoint"] = "https://login.example.com/here";
        await using var broker = await Broker.StartAsync(settings: settings);
        using var browser = broker.NewBrowser();
        Assert.StartsWith("https://login.example.com/here?",
            (await browser.GetAsync("/create-session?app=studio&scopes=openid")).Location,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_provider_that_was_down_at_start_is_asked_again_within_a_minute()
    {
        var issuer = $"http://127.0.0.1:{Ports.Free()}";
        await using var broker = await Broker.StartAsync(settings: Settings(issuer));
        using var game = broker.NewGame();
        await Wait.UntilAsync(() => Task.FromResult(
            broker.LogText.Contains("for app studio failed: Discovery at 127.0.0.1", StringComparison.Ordinal)));
        Assert.Equal("unavailable", (await game.GetAsync("/health")).Text("providers"));
        using var server = await StartServerAsync(issuer);
        broker.Time.Advance(TimeSpan.FromMinutes(1));
        await Wait.UntilAsync(async () =>
        {
            broker.Time.Advance(TimeSpan.FromSeconds(5));
            return (await game.GetAsync("/health")).Text("providers") == "ok";
        });
    }

    [Fact]
    public async Task An_issuer_that_is_not_the_configured_one_to_the_letter_is_not_taken()
    {
        await using var broker = await Broker.StartAsync(
            settings: Settings(_issuer.Replace("127.0.0.1", "localhost", StringComparison.Ordinal)));
        using var browser = broker.NewBrowser();
        Assert.Equal(502, (await browser.GetAsync("/create-session?app=studio&scopes=openid")).Status);
    }

    private static Dictionary<string, string?> Settings(string issuer) => new()
    {
        ["Apps:studio:Provider"] = "oidc",
        ["Apps:studio:Issuer"] = issuer,
        ["Apps:studio:ClientId"] = "game",
        ["Apps:studio:ClientSecret"] = "game secret: with + and %",
        ["Apps:studio:Scopes:0"] = "openid",
        ["Apps:studio:Scopes:1"] = "profile",
        ["Apps:studio:RedirectUris:0"] = "http://127.0.0.1/callback",
    };

    private async Task<NodeServer> StartServerAsync(string issuer) => await NodeServer.StartAsync(
        Repository.File("Functions.Tests", "OAuth", "oidc-provider.mjs"),
        new Uri(issuer).Port.ToString(CultureInfo.InvariantCulture),
        $"{_broker.Url.AbsoluteUri}complete");

    /// <summary>Signs in and consents on the server's own pages; the answer is the redirect back to the broker.</summary>
    private async Task<Answer> ApproveAsync(Browser browser, Answer? accepted = null)
    {
        var answer = accepted ?? await browser.GetAsync("/create-session?app=studio&scopes=openid,profile");
        while (answer.Location?.StartsWith($"{_broker.Url.AbsoluteUri}complete", StringComparison.Ordinal) != true)
        {
            answer = answer.Location is { } location
                ? await browser.GetAsync(new Uri(answer.Url, location).AbsoluteUri)
                : await SubmitAsync(browser, answer);
        }
        return answer;
    }

    private static Task<Answer> SubmitAsync(Browser browser, Answer page)
    {
        var form = page.Document.Forms[0];
        var fields = form.Elements.OfType<IHtmlInputElement>().Where(input => !string.IsNullOrEmpty(input.Name))
            .ToDictionary(input => input.Name!, input => input.Value);
        if (fields.Remove("login"))
            (fields["login"], fields["password"]) = ("ada", "any");
        return browser.PostAsync(new Uri(page.Url, form.GetAttribute("action")!), fields);
    }
}
