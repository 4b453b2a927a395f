using System.Security.Cryptography;
using TokenBroker.SignIns;
using TokenBroker.Storage;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Endpoints;

/// <summary>A sign-in that ends at the game's redirect URI (RFC 6749 §4.1, 7636, 8252, 9207).</summary>
public sealed class AuthorizeTests
{
    private const string Https = "https://game.example.com/callback?from=broker";
    private const string PrivateUse = "com.example.lifescope:/callback";

    [Theory]
    [InlineData("lifescope", "basic")]
    [InlineData("aura", null)]
    [InlineData("webroot", "ECom.Shop")]
    [InlineData("tachi", null)]
    [InlineData("wishtack", "read")]
    public async Task A_player_comes_back_to_the_game_which_redeems_refreshes_and_revokes(string app, string? scope)
    {
        await using var broker = await Broker.StartAsync(await Broker.NewTableStoreAsync());
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var redirecting = new RedirectGame(game, app) { Scope = scope };

        var answer = await redirecting.SignInAsync(browser);

        Assert.Equal(["code", "iss", "state"], answer.Keys.Order());
        Assert.Equal((redirecting.State, broker.Url.AbsoluteUri.TrimEnd('/')), (answer["state"], answer["iss"]));
        var tokens = await redirecting.RedeemAsync(answer["code"]);
        Assert.Equal((200, true), (tokens.Status, tokens.Response.Headers.CacheControl!.NoStore));
        Assert.NotEmpty(tokens.Text("access_token")!);
        Assert.NotEmpty(tokens.Text("token_type")!);
        Assert.Null(tokens.OAuthToken);
        if (app == "tachi")
            return;
        var refreshed = await game.RefreshAsync(app, tokens.Text("refresh_token")!);
        Assert.Equal(200, refreshed.Status);
        Assert.Equal(200, (await game.PostAsync("/revoke", ("client_id", app), ("token", refreshed.Text("refresh_token")!))).Status);
        Assert.Equal("invalid_grant", (await game.RefreshAsync(app, refreshed.Text("refresh_token")!)).Error);
    }

    [Fact]
    public async Task The_reply_has_what_the_provider_said_beside_the_tokens()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var redirecting = new RedirectGame(game, "wishtack") { Scope = "read" };
        var tokens = await redirecting.RedeemAsync((await redirecting.SignInAsync(browser))["code"]);
        Assert.Equal(["access_token", "expires_in", "extra", "refresh_token", "scope", "token_type"],
            tokens.Json.EnumerateObject().Select(member => member.Name).Order());
        Assert.Equal("ada", tokens.Json.GetProperty("extra").GetProperty("wishtack_user_data").GetProperty("first_name").GetString());
    }

    /// <summary>RFC 6749 §4.1.2.1: nobody is sent to an address that is not known to be the game's.</summary>
    [Theory]
    [InlineData("redirect_uri", null)]
    [InlineData("redirect_uri", "")]
    [InlineData("redirect_uri", "https://evil.example.com/callback")]
    [InlineData("redirect_uri", "https://game.example.com/callback")] // without its query
    [InlineData("redirect_uri", "https://game.example.com/callback?from=broker&more=x")]
    [InlineData("redirect_uri", "https://game.example.com/callback?from=broker/../evil")]
    [InlineData("redirect_uri", "https://game.example.com.evil.example.com/callback?from=broker")]
    [InlineData("redirect_uri", "https://GAME.example.com/callback?from=broker")]
    [InlineData("redirect_uri", "HTTPS://game.example.com/callback?from=broker")]
    [InlineData("redirect_uri", "https://game.example.com/Callback?from=broker")]
    [InlineData("redirect_uri", "https://game.example.com:443/callback?from=broker")]
    [InlineData("redirect_uri", "https://game.example.com:8443/callback?from=broker")]
    [InlineData("redirect_uri", "https://game.example.com./callback?from=broker")]
    [InlineData("redirect_uri", "https://user@game.example.com/callback?from=broker")]
    [InlineData("redirect_uri", "https://game.example.com@evil.example.com/callback?from=broker")]
    [InlineData("redirect_uri", "https://game.example.com\\@evil.example.com/callback?from=broker")]
    [InlineData("redirect_uri", "https://game.example.com%2Fcallback?from=broker")]
    [InlineData("redirect_uri", "https://game.example.com/%63allback?from=broker")]
    [InlineData("redirect_uri", "https://game.example.com/callback?from=broker#fragment")]
    [InlineData("redirect_uri", "https://game.example.com/callback?from=broker ")]
    [InlineData("redirect_uri", "https://game.example.com/callback?from=broker\r\nSet-Cookie: a=b")]
    [InlineData("redirect_uri", "http://game.example.com/callback?from=broker")]
    [InlineData("redirect_uri", "//game.example.com/callback?from=broker")]
    [InlineData("redirect_uri", "/callback")]
    [InlineData("redirect_uri", "http://localhost/callback")]
    [InlineData("redirect_uri", "http://localhost:51234/callback")]
    [InlineData("redirect_uri", "http://127.0.0.1:51234/other")]
    [InlineData("redirect_uri", "http://127.0.0.1:51234/callback/")]
    [InlineData("redirect_uri", "http://127.0.0.1:51234@evil.example.com/callback")]
    [InlineData("redirect_uri", "http://127.0.0.1:@evil.example.com/callback")]
    [InlineData("redirect_uri", "http://user@127.0.0.1:51234/callback")]
    [InlineData("redirect_uri", "http://127.0.0.1.evil.example.com/callback")]
    [InlineData("redirect_uri", "http://127.0.0.1:65536/callback")]
    [InlineData("redirect_uri", "http://127.0.0.1:x/callback")]
    [InlineData("redirect_uri", "http://127.0.0.2:51234/callback")]
    [InlineData("redirect_uri", "http://127.1:51234/callback")]
    [InlineData("redirect_uri", "http://2130706433:51234/callback")]
    [InlineData("redirect_uri", "http://[::ffff:127.0.0.1]:51234/callback")]
    [InlineData("redirect_uri", "http://[0:0:0:0:0:0:0:1]:51234/callback")]
    [InlineData("redirect_uri", "https://127.0.0.1:51234/callback")]
    [InlineData("redirect_uri", "com.example.lifescope:/Callback")]
    [InlineData("redirect_uri", "com.example.lifescope://callback")]
    [InlineData("redirect_uri", "com.example.other:/callback")]
    [InlineData("redirect_uri", "javascript:alert(1)")]
    [InlineData("redirect_uri", "data:text/html,x")]
    [InlineData("client_id", null)]
    [InlineData("client_id", "nobody")]
    [InlineData("client_id", "LIFESCOPE")]
    [InlineData("client_id", "aura")] // whose redirect URIs are others
    public async Task An_unknown_client_or_redirect_URI_is_a_page_and_begins_nothing(string name, string? value)
    {
        await using var broker = await StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        foreach (var redirectUri in new[] { Https, PrivateUse })
        {
            var redirecting = new RedirectGame(game, redirectUri: redirectUri);
            foreach (var more in new (string, string?)[] { ("scope", "basic"), ("scope", "steal"), ("response_type", "token"),
                ("prompt", "none") })
                AssertIsPageAlone(await browser.GetAsync(redirecting.Address((name, value), more, ("ui_locales", "de"))));
        }
        Assert.Equal(0, browser.Cookies.Count);
    }

    [Theory]
    [InlineData("client_id", "lifescope")]
    [InlineData("client_id", "aura")]
    [InlineData("Client_ID", "lifescope")]
    [InlineData("client%5Fid", "lifescope")]
    [InlineData("redirect_uri", Https)]
    [InlineData("redirect_uri", "https://evil.example.com/")]
    [InlineData("REDIRECT_URI", "https://evil.example.com/")]
    public async Task One_of_the_two_repeated_even_identically_is_a_page(string name, string value)
    {
        await using var broker = await StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var address = new RedirectGame(game, redirectUri: Https).Address();
        AssertIsPageAlone(await browser.GetAsync($"{address}&{name}={Uri.EscapeDataString(value)}"));
        AssertIsPageAlone(await browser.GetAsync(address.Replace("?", $"?{name}={Uri.EscapeDataString(value)}&",
            StringComparison.Ordinal)));
        Assert.Equal(0, browser.Cookies.Count);
    }

    [Theory]
    [InlineData("response_type", null, "invalid_request")]
    [InlineData("response_type", "token", "unsupported_response_type")]
    [InlineData("response_type", "code id_token", "unsupported_response_type")]
    [InlineData("response_mode", "fragment", "invalid_request")]
    [InlineData("response_mode", "form_post", "invalid_request")]
    [InlineData("code_challenge", null, "invalid_request")]
    [InlineData("code_challenge", "short", "invalid_request")]
    [InlineData("code_challenge_method", null, "invalid_request")]
    [InlineData("code_challenge_method", "plain", "invalid_request")]
    [InlineData("scope", null, "invalid_scope")]
    [InlineData("scope", "steal:all", "invalid_scope")]
    [InlineData("scope", "basic steal:all", "invalid_scope")]
    [InlineData("prompt", "none", "login_required")]
    [InlineData("prompt", "none login", "invalid_request")]
    [InlineData("prompt", "whatever", "invalid_request")]
    [InlineData("request", "eyJhbGciOiJub25lIn0.e30.", "request_not_supported")]
    [InlineData("request_uri", "https://evil.example.com/request", "request_uri_not_supported")]
    [InlineData("provider", "aura", "invalid_request")]
    [InlineData("dpop_jkt", "short", "invalid_request")]
    public async Task Everything_else_that_is_wrong_goes_to_the_redirect_URI(string name, string? value, string error)
    {
        await using var broker = await StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var redirecting = new RedirectGame(game, redirectUri: Https);

        var answer = redirecting.ParametersOf(await browser.GetAsync(redirecting.Address((name, value))));

        Assert.Equal(["error", "error_description", "from", "iss", "state"], answer.Keys.Order());
        Assert.Equal((error, redirecting.State, broker.Url.AbsoluteUri.TrimEnd('/')), (answer["error"], answer["state"], answer["iss"]));
        Assert.Matches("^[ !#-\\[\\]-~]+$", answer["error_description"]); // RFC 6749 §4.1.2.1
        Assert.Equal(0, browser.Cookies.Count);
    }

    [Theory]
    [InlineData("response_type")]
    [InlineData("scope")]
    [InlineData("state")]
    [InlineData("code_challenge")]
    [InlineData("code_challenge_method")]
    [InlineData("nonce")]
    [InlineData("prompt")]
    [InlineData("login_hint")]
    [InlineData("ui_locales")]
    [InlineData("dpop_jkt")]
    [InlineData("provider")]
    [InlineData("request_uri")]
    public async Task A_repeated_parameter_goes_to_the_redirect_URI_too(string name)
    {
        await using var broker = await StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var redirecting = new RedirectGame(game, redirectUri: Https);
        var answer = redirecting.ParametersOf(await browser.GetAsync($"{redirecting.Address((name, "x"))}&{name}=x"));
        Assert.Equal("invalid_request", answer["error"]);
        Assert.Equal(name != "state", answer.ContainsKey("state"));
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("a b+c&d=e?f#g%20")]
    [InlineData("<script>alert(1)</script>\"'")]
    [InlineData("line\r\nSet-Cookie: a=b\r\n\r\n<html>")]
    [InlineData("ünï😀код")]
    [InlineData("a;b=c;d")]
    [InlineData(" ")]
    public async Task The_state_comes_back_to_the_letter(string state)
    {
        await using var broker = await StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var redirecting = new RedirectGame(game, redirectUri: Https) { State = state };
        var back = await browser.DecideAsync(await browser.OpenAsync(redirecting.Address()), "approve");
        var toGame = await browser.GetAsync(back.Location!);
        Assert.Equal(state, redirecting.ParametersOf(toGame)["state"]);
        // Some clients take a semicolon for a separator.
        Assert.Matches("^[A-Za-z0-9._~:/?&=%-]+$", toGame.Location);
        Assert.Equal(state, (await redirecting.SignInAsync(browser, "deny"))["state"]);
        Assert.Equal(state, redirecting.ParametersOf(await browser.GetAsync(redirecting.Address(("scope", "steal"))))["state"]);
    }

    [Theory]
    [InlineData('s', 2048, null)]
    [InlineData('s', 2049, "invalid_request")]
    [InlineData('/', 682, null)]
    [InlineData('/', 683, "invalid_request")]
    public async Task A_state_may_be_long(char character, int length, string? error)
    {
        await using var broker = await StartAsync(await Broker.NewTableStoreAsync());
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var redirecting = new RedirectGame(game, redirectUri: Https) { State = new(character, length) };
        var first = await browser.GetAsync(redirecting.Address());
        if (error is null)
        {
            var back = await browser.DecideAsync(await browser.FollowAsync(first), "approve");
            Assert.Equal(redirecting.State, redirecting.ParametersOf(await browser.GetAsync(back.Location!))["state"]);
        }
        else
        {
            Assert.Equal(error, redirecting.ParametersOf(first)["error"]);
        }
    }

    [Fact]
    public async Task The_longest_request_still_has_links_that_work()
    {
        await using var broker = await StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var redirecting = new RedirectGame(game, "arcade") { Scope = null, State = new('/', 682) };
        var long512 = new string('/', 512);
        var page = await browser.GetAsync(redirecting.Address(("nonce", long512), ("login_hint", long512), ("dpop_jkt", new('A', 43))));
        var link = page.Document.Links[0].GetAttribute("href")!;
        Assert.True(link.Length < 7_500, $"{link.Length}");
        Assert.Equal(302, (await browser.GetAsync(link)).Status);
    }

    [Fact]
    public async Task An_answer_of_the_provider_without_a_code_ends_the_sign_in_at_the_game()
    {
        await using var broker = await StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var redirecting = new RedirectGame(game);
        var state = RedirectGame.QueryOf((await browser.GetAsync(redirecting.Address())).Location!)["state"];
        Assert.Equal("server_error", redirecting.ParametersOf(await browser.GetAsync($"/complete?state={state}"))["error"]);
    }

    [Fact]
    public async Task Without_state_none_comes_back()
    {
        await using var broker = await StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        Assert.Equal(["code", "from", "iss"],
            (await new RedirectGame(game, redirectUri: Https).SignInAsync(browser, changes: ("state", null))).Keys.Order());
    }

    [Theory]
    [InlineData("http://127.0.0.1/callback")]
    [InlineData("http://127.0.0.1:1/callback")]
    [InlineData("http://127.0.0.1:65535/callback")]
    [InlineData("http://[::1]:51234/callback")]
    public async Task A_loopback_address_may_have_any_port(string redirectUri)
    {
        await using var broker = await StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var redirecting = new RedirectGame(game, redirectUri: redirectUri);
        Assert.Equal(200, (await redirecting.RedeemAsync((await redirecting.SignInAsync(browser))["code"])).Status);
    }

    [Fact]
    public async Task A_private_use_scheme_gets_a_page_with_one_link_that_tries_by_itself_as_well()
    {
        await using var broker = await StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var redirecting = new RedirectGame(game, redirectUri: PrivateUse);
        var back = await browser.DecideAsync(await browser.OpenAsync(redirecting.Address()), "approve");

        var page = await browser.FollowAsync(await browser.GetAsync(back.Location!));

        Assert.Equal((200, "/complete"), (page.Status, page.Url.PathAndQuery));
        var link = page.Document.Links.Single().GetAttribute("href")!;
        Assert.StartsWith($"{PrivateUse}?code=", link, StringComparison.Ordinal);
        Assert.Equal("Back to lifescope demo game", page.Document.Links.Single().TextContent);
        Assert.Equal($"0;url={link}", page.Header("Refresh"));
        Assert.Contains("You can close this page.", page.Body, StringComparison.Ordinal);
        Assert.Equal(200, (await redirecting.RedeemAsync(RedirectGame.QueryOf(link)["code"])).Status);
        // The game has it, as far as this instance knows.
        Assert.Empty((await browser.GetAsync("/complete")).Document.Links);

        foreach (var address in new[] { redirecting.Address(("scope", "steal")), redirecting.Address(("prompt", "none")) })
        {
            var refused = await browser.GetAsync(address);
            Assert.Equal(200, refused.Status);
            Assert.StartsWith($"{PrivateUse}?error=", refused.Document.Links.Single().GetAttribute("href"), StringComparison.Ordinal);
        }
    }

    /// <summary>RFC 8252 §8.6: any program of the player's machine can begin a sign-in in the game's name.</summary>
    [Theory]
    [InlineData("http://127.0.0.1:51234/callback", null, true)]
    [InlineData("http://[::1]/callback", null, true)]
    [InlineData("com.example.studio:/callback", null, true)]
    [InlineData("https://studio.example.com/callback", null, false)]
    [InlineData("https://studio.example.com/callback", "login", true)]
    [InlineData("https://studio.example.com/callback", "select_account consent", true)]
    public async Task Nobody_is_signed_in_silently_for_a_program_of_the_player_s_machine(string redirectUri, string? prompt, bool asksAgain)
    {
        await using var broker = await StartAsync(settings: new()
        {
            ["Apps:studio:Provider"] = "discord",
            ["Apps:studio:ClientId"] = "id",
            ["Apps:studio:ClientSecret"] = "secret",
            ["Apps:studio:Scopes:0"] = "identify",
            ["Apps:studio:RedirectUris:0"] = "http://127.0.0.1/callback",
            ["Apps:studio:RedirectUris:1"] = "http://[::1]/callback",
            ["Apps:studio:RedirectUris:2"] = "com.example.studio:/callback",
            ["Apps:studio:RedirectUris:3"] = "https://studio.example.com/callback",
        });
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var redirecting = new RedirectGame(game, "studio", redirectUri) { Scope = "identify" };
        var answer = await browser.GetAsync(redirecting.Address(("prompt", prompt), ("login_hint", "ada@example.com")));
        Assert.Equal(302, answer.Status);
        Assert.StartsWith("https://discord.com/oauth2/authorize?", answer.Location, StringComparison.Ordinal);
        Assert.Equal(asksAgain, answer.Location!.Contains("prompt=consent", StringComparison.Ordinal));
        Assert.DoesNotContain("ada", answer.Location, StringComparison.Ordinal); // Discord takes no hint.
    }

    [Theory]
    [InlineData("google", "login_hint=ada@example.com")]
    [InlineData("microsoft", "login_hint=ada@example.com")]
    [InlineData("github", "login=ada@example.com")]
    [InlineData("twitch", null)]
    public async Task A_login_hint_is_passed_on_where_the_provider_takes_it(string provider, string? expected)
    {
        await using var broker = await StartAsync(settings: new()
        {
            ["Apps:studio:Provider"] = provider,
            ["Apps:studio:ClientId"] = "id",
            ["Apps:studio:ClientSecret"] = "secret",
            ["Apps:studio:Scopes:0"] = "read",
            ["Apps:studio:RedirectUris:0"] = "https://studio.example.com/callback",
        });
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var redirecting = new RedirectGame(game, "studio", "https://studio.example.com/callback") { Scope = "read" };
        var hint = ("login_hint", "ada@example.com");
        foreach (var address in new[] { redirecting.Address(hint!), "/create-session?app=studio&scopes=read&login_hint=ada@example.com" })
        {
            var location = (await browser.GetAsync(address)).Location!;
            Assert.Equal(expected is not null, location.Contains("ada@example.com", StringComparison.Ordinal));
            if (expected is not null)
                Assert.Contains($"&{expected}", location, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("lifescope", "basic")] // whose denial comes without state
    [InlineData("aura", null)]
    [InlineData("webroot", "ECom.Shop")]
    [InlineData("wishtack", "read")]
    public async Task The_game_is_told_when_the_player_says_no(string app, string? scope)
    {
        await using var broker = await StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var redirecting = new RedirectGame(game, app) { Scope = scope };

        var answer = await redirecting.SignInAsync(browser, "deny");

        Assert.Equal(("access_denied", redirecting.State), (answer["error"], answer["state"]));
        // The same again: the browser may have lost the answer.
        Assert.Equal(answer, redirecting.ParametersOf(await browser.GetAsync("/complete")));
    }

    [Theory]
    [InlineData(500, "server_error")]
    [InlineData(400, "server_error")]
    public async Task The_game_is_told_when_the_provider_fails(int status, string error)
    {
        await using var broker = await StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        broker.LifeScope.Misbehaviour = http =>
        {
            http.Response.StatusCode = status;
            return Task.CompletedTask;
        };
        var redirecting = new RedirectGame(game);
        Assert.Equal((error, redirecting.State), await ErrorAsync(redirecting, browser));
        Assert.Equal(error, redirecting.ParametersOf(await browser.GetAsync("/complete"))["error"]);

        static async Task<(string, string)> ErrorAsync(RedirectGame redirecting, Browser browser)
        {
            var answer = await redirecting.SignInAsync(browser);
            return (answer["error"], answer["state"]);
        }
    }

    [Fact]
    public async Task The_game_is_told_when_storage_is_down_or_a_provider_cannot_be_discovered()
    {
        var store = new FailingStore();
        await using var broker = await StartAsync(store, new()
        {
            ["Apps:studio:Provider"] = "oidc",
            ["Apps:studio:ClientId"] = "id",
            ["Apps:studio:ClientSecret"] = "secret",
            ["Apps:studio:Issuer"] = $"http://127.0.0.1:{Ports.Free()}",
            ["Apps:studio:Scopes:0"] = "profile",
            ["Apps:studio:RedirectUris:0"] = Https,
        });
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var undiscovered = new RedirectGame(game, "studio", Https) { Scope = "profile" };
        var answer = undiscovered.ParametersOf(await browser.GetAsync(undiscovered.Address()));
        Assert.Equal(("temporarily_unavailable", undiscovered.State), (answer["error"], answer["state"]));

        store.Failure = new Azure.RequestFailedException(503, "down");
        var redirecting = new RedirectGame(game, redirectUri: Https);
        answer = redirecting.ParametersOf(await browser.GetAsync(redirecting.Address()));
        Assert.Equal(("temporarily_unavailable", redirecting.State), (answer["error"], answer["state"]));

        store.Failure = new InvalidOperationException("a bug");
        Assert.Equal("server_error", redirecting.ParametersOf(await browser.GetAsync(redirecting.Address()))["error"]);
    }

    [Fact]
    public async Task Storage_that_is_down_when_the_player_comes_back_costs_a_reload()
    {
        var store = new FailingStore();
        await using var broker = await StartAsync(store);
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var redirecting = new RedirectGame(game);
        var back = await browser.DecideAsync(await browser.OpenAsync(redirecting.Address()), "approve");
        store.Failure = new Azure.RequestFailedException(503, "down");
        Assert.Equal((503, null), ((await browser.GetAsync(back.Location!)) is var down ? (down.Status, down.Location) : default));
        store.Failure = null;
        var answer = redirecting.ParametersOf(await browser.GetAsync(back.Location!));
        Assert.Equal(200, (await redirecting.RedeemAsync(answer["code"])).Status);
    }

    [Fact]
    public async Task Several_sign_ins_of_one_browser_end_at_their_own_redirect_URI_or_fail()
    {
        await using var broker = await StartAsync(await Broker.NewTableStoreAsync());
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var one = new RedirectGame(game, redirectUri: Https) { State = "one" };
        var other = new RedirectGame(game, "wishtack") { State = "other", Scope = "read" };
        var oneBack = await browser.DecideAsync(await browser.OpenAsync(one.Address()), "approve");
        var otherBack = await browser.DecideAsync(await browser.OpenAsync(other.Address()), "approve");

        var late = await browser.GetAsync(oneBack.Location!);
        Assert.Equal((400, null), (late.Status, late.Location));
        var answer = other.ParametersOf(await browser.GetAsync(otherBack.Location!));
        Assert.Equal("other", answer["state"]);
        Assert.Equal("invalid_grant", (await one.RedeemAsync(answer["code"])).Error);
        Assert.Equal(200, (await other.RedeemAsync(answer["code"])).Status);
    }

    [Fact]
    public async Task A_refused_request_disturbs_no_sign_in_under_way()
    {
        await using var broker = await StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var redirecting = new RedirectGame(game, redirectUri: Https);
        var back = await browser.DecideAsync(await browser.OpenAsync(redirecting.Address()), "approve");
        await browser.GetAsync(redirecting.Address(("scope", "steal")));
        await browser.GetAsync(redirecting.Address(("prompt", "none")));
        await browser.GetAsync(redirecting.Address(("redirect_uri", "https://evil.example.com/")));
        await browser.GetAsync("/create-session?scopes=steal");
        Assert.NotNull(redirecting.ParametersOf(await browser.GetAsync(back.Location!))["code"]);
    }

    [Fact]
    public async Task A_reload_brings_the_player_back_with_the_same_code_until_it_is_redeemed()
    {
        await using var broker = await StartAsync(await Broker.NewTableStoreAsync());
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var redirecting = new RedirectGame(game);
        var back = await browser.DecideAsync(await browser.OpenAsync(redirecting.Address()), "approve");
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => browser.OpenToGameAsync(back.Location!)));
        Assert.Single(answers.Select(answer => redirecting.ParametersOf(answer)["code"]).Distinct());
        Assert.Equal(1, broker.LifeScope.TokenRequests);
    }

    [Theory]
    [InlineData("client_id", "wishtack", "invalid_grant")]
    [InlineData("client_id", "nobody", "invalid_client")]
    [InlineData("client_id", null, "invalid_request")]
    [InlineData("redirect_uri", "http://127.0.0.1:51235/callback", "invalid_grant")] // another port of this machine
    [InlineData("redirect_uri", "http://[::1]:51234/callback", "invalid_grant")]
    [InlineData("redirect_uri", "http://127.0.0.1:51234/Callback", "invalid_grant")]
    [InlineData("redirect_uri", null, "invalid_request")]
    [InlineData("code_verifier", "another-verifier-of-43-unreserved-characters", "invalid_grant")]
    [InlineData("code_verifier", "short", "invalid_grant")]
    [InlineData("code_verifier", null, "invalid_request")]
    [InlineData("code", "unknown", "invalid_grant")]
    [InlineData("code", null, "invalid_request")]
    [InlineData("grant_type", "password", "unsupported_grant_type")]
    public async Task A_wrong_client_URI_or_verifier_gets_no_token_and_costs_the_game_nothing(string name, string? value, string error)
    {
        await using var broker = await StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var redirecting = new RedirectGame(game);
        var code = (await redirecting.SignInAsync(browser))["code"];
        for (var times = 0; times < 20; times++)
        {
            var refused = await redirecting.RedeemAsync(code, (name, value));
            Assert.Equal((400, error), (refused.Status, refused.Error));
        }
        Assert.Equal(200, (await redirecting.RedeemAsync(code)).Status);
        Assert.Equal("invalid_grant", (await redirecting.RedeemAsync(code)).Error);
    }

    [Fact]
    public async Task A_code_is_redeemed_by_exactly_one_of_fifty_callers()
    {
        await using var broker = await StartAsync(await Broker.NewTableStoreAsync());
        using var game = broker.NewGame();
        var redirecting = new RedirectGame(game);
        for (var run = 0; run < 5; run++)
        {
            using var browser = broker.NewBrowser();
            var code = (await redirecting.SignInAsync(browser))["code"];
            var replies = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => redirecting.RedeemAsync(code)));
            Assert.Single(replies, reply => reply.Status == 200);
            Assert.Equal(49, replies.Count(reply => reply is { Status: 400, Error: "invalid_grant" }));
        }
    }

    [Fact]
    public async Task A_code_lives_five_minutes_from_authorize()
    {
        await using var broker = await StartAsync(await Broker.NewTableStoreAsync());
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var redirecting = new RedirectGame(game);
        var back = await browser.DecideAsync(await browser.OpenAsync(redirecting.Address()), "approve");
        broker.Time.Advance(TimeSpan.FromMinutes(4));
        var code = redirecting.ParametersOf(await browser.GetAsync(back.Location!))["code"];
        broker.Time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal("invalid_grant", (await redirecting.RedeemAsync(code, ("code_verifier", new string('x', 43)))).Error);
        broker.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("invalid_grant", (await redirecting.RedeemAsync(code)).Error);
    }

    [Fact]
    public async Task Who_took_too_long_begins_the_same_sign_in_again()
    {
        await using var broker = await StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var redirecting = new RedirectGame(game, redirectUri: Https);
        var back = await browser.DecideAsync(await browser.OpenAsync(redirecting.Address(("nonce", "n"), ("prompt", "login"))), "approve");
        broker.Time.Advance(TimeSpan.FromMinutes(5));

        var late = await browser.GetAsync(back.Location!);

        Assert.Equal((410, null), (late.Status, late.Location));
        var again = late.Document.Links.Single().GetAttribute("href")!;
        Assert.StartsWith("/authorize?", again, StringComparison.Ordinal);
        Assert.Equal(RedirectGame.QueryOf(redirecting.Address(("nonce", "n"), ("prompt", "login"))).OrderBy(pair => pair.Key),
            RedirectGame.QueryOf(again).OrderBy(pair => pair.Key));
        back = await browser.DecideAsync(await browser.OpenAsync(again), "approve");
        var answer = redirecting.ParametersOf(await browser.GetAsync(back.Location!));
        Assert.Equal(200, (await redirecting.RedeemAsync(answer["code"])).Status);
    }

    [Fact]
    public async Task No_code_is_another_s()
    {
        await using var broker = await StartAsync(await Broker.NewTableStoreAsync());
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var redirecting = new RedirectGame(game);
        var back = await browser.DecideAsync(await browser.OpenAsync(redirecting.Address()), "approve");
        var providerCode = RedirectGame.QueryOf(back.Location!)["code"];
        var code = redirecting.ParametersOf(await browser.GetAsync(back.Location!))["code"];
        using var other = broker.NewBrowser();
        var accessCode = await other.SignInAsync();
        var device = await game.StartDeviceAsync();
        await other.SignDeviceInAsync(device.Text("verification_uri_complete")!);

        // None of the others is an authorization code.
        foreach (var wrong in new[] { providerCode, accessCode, device.Text("device_code")!, device.Text("user_code")! })
            Assert.Equal("invalid_grant", (await redirecting.RedeemAsync(wrong)).Error);
        // Nor is one of them the session's access code, or anything else that follows from its cookie.
        var id = SessionId.TryParse(browser.Cookies.GetCookies(broker.Url)["unity_session_id"]!.Value)!;
        foreach (var wrong in new[] { AccessCode.Of(id).Text, id.State, id.CodeVerifier, id.Text })
            Assert.Equal("invalid_grant", (await redirecting.RedeemAsync(wrong)).Error);
        // Nor the reverse.
        Assert.Equal("invalid_grant", (await game.ExchangeAsync(code)).Error);
        Assert.Equal("invalid_grant", (await game.ExchangeAsync(AccessCode.Of(id).Text)).Error);
        Assert.Equal("invalid_grant", (await game.PostAsync("/token",
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("client_id", "lifescope"), ("device_code", code))).Error);
        Assert.Equal("invalid_grant", (await game.RefreshAsync("lifescope", code)).Error);
        Assert.Equal(400, (await other.GetAsync($"/complete?code={code}&state=x")).Status);

        Assert.Equal(200, (await redirecting.RedeemAsync(code)).Status);
        Assert.Equal(200, (await game.ExchangeAsync(accessCode)).Status);
        Assert.Equal(200, (await game.PollAsync(device)).Status);
    }

    /// <summary>RFC 9700 §4.5: a stolen code is of no use in the thief's own sign-in, and a verifier cannot be left out.</summary>
    [Fact]
    public async Task A_code_is_bound_to_the_challenge_that_its_own_sign_in_began_with()
    {
        await using var broker = await StartAsync();
        using var victim = broker.NewBrowser();
        using var thief = broker.NewBrowser();
        using var game = broker.NewGame();
        const string own = "the-thief-s-verifier-of-43-unreserved-chars";
        var redirecting = new RedirectGame(game);
        var stolen = (await redirecting.SignInAsync(victim))["code"];
        var mine = (await redirecting.SignInAsync(thief, changes: ("code_challenge", TokenBroker.Crypto.Pkce.Challenge(own))))["code"];
        Assert.Equal("invalid_grant", (await redirecting.RedeemAsync(stolen, ("code_verifier", own))).Error);
        Assert.Equal("invalid_grant", (await redirecting.RedeemAsync(mine)).Error);
        Assert.Equal("invalid_request", (await redirecting.RedeemAsync(stolen, ("code_verifier", null))).Error);
        Assert.Equal(200, (await redirecting.RedeemAsync(mine, ("code_verifier", own))).Status);
        Assert.Equal(200, (await redirecting.RedeemAsync(stolen)).Status);
    }

    [Fact]
    public async Task A_game_that_may_not_use_a_flow_is_told_so()
    {
        await using var broker = await StartAsync(settings: new()
        {
            ["Apps:lifescope:Flows:0"] = "device",
            ["Apps:wishtack:Flows:0"] = "redirect",
        });
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var redirecting = new RedirectGame(game, redirectUri: Https);
        Assert.Equal("unauthorized_client", redirecting.ParametersOf(await browser.GetAsync(redirecting.Address()))["error"]);
        Assert.Equal("unauthorized_client", (await redirecting.RedeemAsync(new string('a', 43))).Error);
        var page = await browser.GetAsync("/create-session?scopes=basic");
        Assert.Equal(400, page.Status);
        Assert.Contains("Flows", page.Body, StringComparison.Ordinal);
        Assert.Equal("unauthorized_client", (await game.GetAsync("/exchange-code?app=lifescope&access_code=a2B3c4D5")).Error);
        Assert.Equal(200, (await game.StartDeviceAsync()).Status);
        var device = await game.StartDeviceAsync("wishtack", "read");
        Assert.Equal((400, "unauthorized_client"), (device.Status, device.Error));
        Assert.Equal("unauthorized_client", (await game.PostAsync("/token",
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("client_id", "wishtack"), ("device_code", "x"))).Error);
        Assert.Equal(200, await StatusAsync(new RedirectGame(game, "wishtack") { Scope = "read" }, browser));

        static async Task<int> StatusAsync(RedirectGame redirecting, Browser browser) =>
            (await redirecting.RedeemAsync((await redirecting.SignInAsync(browser))["code"])).Status;
    }

    [Fact]
    public async Task With_openid_only_the_game_s_name_is_its_client_id()
    {
        await using var broker = await StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var byClientId = new RedirectGame(game, "lifescope-client-id", Https);
        Assert.Equal(302, (await browser.GetAsync(byClientId.Address())).Status);
        Assert.Equal("invalid_request",
            byClientId.ParametersOf(await browser.GetAsync(byClientId.Address(("scope", "openid basic"))))["error"]);
    }

    [Fact]
    public async Task The_addresses_that_a_request_claims_for_the_broker_are_not_believed()
    {
        await using var broker = await StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        foreach (var name in new[] { "Host", "X-Forwarded-Host", "X-Original-URL", "Forwarded", "X-Forwarded-Proto" })
            browser.Headers.TryAddWithoutValidation(name, name == "Forwarded" ? "host=evil.example.com" : "evil.example.com");
        var redirecting = new RedirectGame(game, redirectUri: Https);
        var refused = redirecting.ParametersOf(await browser.GetAsync(redirecting.Address(("scope", "steal"))));
        Assert.Equal(broker.Url.AbsoluteUri.TrimEnd('/'), refused["iss"]);
        var begun = await browser.GetAsync(redirecting.Address());
        Assert.DoesNotContain("evil", begun.Location, StringComparison.Ordinal);
    }

    /// <summary>Whatever is done to a parameter, nobody is sent to an address that is not configured.</summary>
    [Theory]
    [InlineData("client_id")]
    [InlineData("redirect_uri")]
    [InlineData("state")]
    [InlineData("scope")]
    [InlineData("response_type")]
    [InlineData("code_challenge")]
    [InlineData("code_challenge_method")]
    [InlineData("provider")]
    [InlineData("prompt")]
    [InlineData("nonce")]
    [InlineData("login_hint")]
    [InlineData("ui_locales")]
    [InlineData("dpop_jkt")]
    public async Task Two_hundred_tamperings_of_a_parameter_lead_nowhere_else(string name)
    {
        await using var broker = await StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var redirecting = new RedirectGame(game, redirectUri: Https);
        var seed = RandomNumberGenerator.GetInt32(int.MaxValue);
        var random = new Random(seed);
        var original = RedirectGame.QueryOf(redirecting.Address()).GetValueOrDefault(name, "login");
        for (var times = 0; times < 200; times++)
        {
            var answer = await browser.GetAsync(redirecting.Address((name, Tampered(original, random))));
            var isHome = answer.Location is null ||
                answer.Location.StartsWith($"{Https}&", StringComparison.Ordinal) ||
                answer.Location.StartsWith("http://127.0.0.1/callback?", StringComparison.Ordinal) ||
                answer.Location.StartsWith(new Uri(broker.LifeScope.Url, "/auth?").AbsoluteUri, StringComparison.Ordinal);
            Assert.True(isHome, $"seed {seed}: {answer.Location}");
            var link = answer.Document.Links.Select(each => each.GetAttribute("href")!)
                .FirstOrDefault(each => !each.StartsWith($"{PrivateUse}?", StringComparison.Ordinal) && each[0] != '/');
            Assert.True(link is null, $"seed {seed}: {link}");
            Assert.True(answer.Status < 500, $"seed {seed}: {answer.Status}");
        }
    }

    private static string Tampered(string text, Random random)
    {
        string[] pieces = ["evil.example.com", "@", "/", "//",
            "\\", "..", "%2f", "%00", "\0", "\r\n", "#", "?", "&", "=", ":", ".", ";", " ",
            "javascript:", "https://", "<", "\"", "\u202e", "ſ", "K", "*", "127.0.0.1", "localhost", "", "basic", "none", "code"];
        var at = random.Next(text.Length + 1);
        var piece = pieces[random.Next(pieces.Length)];
        return random.Next(6) switch
        {
            0 => text.Insert(at, piece),
            1 => text[at..],
            2 => text[..at],
            3 => text[..at] + piece + text[Math.Min(text.Length, at + piece.Length)..],
            4 => random.Next(2) == 0 ? text.ToUpperInvariant() : piece,
            _ => text + piece + text,
        };
    }

    private static void AssertIsPageAlone(Answer answer)
    {
        Assert.Equal((400, null, "text/html"),
            (answer.Status, answer.Location, answer.Response.Content.Headers.ContentType?.MediaType));
        Assert.Empty(answer.Document.Links);
    }

    private static Task<Broker> StartAsync(ISessionStore? store = null, Dictionary<string, string?>? settings = null) =>
        Broker.StartAsync(store, new(settings ?? []) { ["Apps:lifescope:RedirectUris:3"] = Https });
}
