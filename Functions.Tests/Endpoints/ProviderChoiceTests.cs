using TokenBroker.Local.Emulators;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Endpoints;

/// <summary>A game with several providers, of which its player chooses one.</summary>
public sealed class ProviderChoiceTests
{
    private const string Arcade = EmulatedProviders.Arcade;

    [Theory]
    [InlineData("lifescope", "basic contacts:read content:read events:read locations:read people:read")]
    [InlineData("aura", null)]
    [InlineData("wishtack", "read")]
    public async Task The_player_chooses_on_one_page_by_all_three_endings_and_everything_else_stays(string provider, string? granted)
    {
        await using var broker = await Broker.StartAsync(await Broker.NewTableStoreAsync());
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();

        // The access code.
        var consent = await browser.FollowAsync(await ChooseAsync(browser, "/create-session?app=arcade&ui_locales=de", provider));
        var page = await browser.FollowAsync(await browser.DecideAsync(consent, "approve"));
        Assert.Equal("de", page.Document.DocumentElement.GetAttribute("lang"));
        var byCode = await game.ExchangeAsync(page.AccessCode!);
        Assert.Equal(200, byCode.Status);

        // The redirect.
        var redirecting = new RedirectGame(game, Arcade) { Scope = null };
        consent = await browser.FollowAsync(await ChooseAsync(browser, redirecting.Address(("nonce", "n"), ("login_hint", "h")), provider));
        var back = await browser.DecideAsync(consent, "approve");
        var answer = redirecting.ParametersOf(await browser.GetAsync(back.Location!));
        Assert.Equal(redirecting.State, answer["state"]);
        var byRedirect = await redirecting.RedeemAsync(answer["code"]);
        Assert.Equal(200, byRedirect.Status);

        // The device.
        var device = await game.StartDeviceAsync(Arcade, scope: null);
        var accepted = await browser.AnswerDeviceAsync(await browser.OpenAsync(device.Text("verification_uri_complete")!));
        Assert.Equal(303, accepted.Status);
        consent = await browser.FollowAsync(await ChooseAsync(browser, accepted.Location!, provider));
        await browser.FollowAsync(await browser.DecideAsync(consent, "approve"));
        var byDevice = await game.PollAsync(device, Arcade);
        Assert.Equal(200, byDevice.Status);

        foreach (var tokens in new[] { byCode, byRedirect, byDevice })
        {
            if (granted is not null && tokens.Text("scope") is { } scope)
                Assert.Equal(granted, scope);
            // A refresh token says where it is from.
            Assert.Equal(200, (await game.RefreshAsync(Arcade, tokens.Text("refresh_token")!)).Status);
        }
        foreach (var other in new[] { "lifescope", "aura", "wishtack" }.Where(name => name != provider))
            Assert.Equal(0, broker.Emulator(other).TokenRequests);
    }

    [Fact]
    public async Task The_page_names_the_providers_works_without_script_and_marks_the_last_choice_but_is_never_skipped()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        var page = await browser.GetAsync("/create-session?app=arcade");
        Assert.Equal((200, "Sign in to arcade demo game – arcade demo game"), (page.Status, page.Document.Title));
        Assert.Equal(["Continue with Aura", "Continue with LifeScope", "Continue with Wishtack"],
            page.Document.Links.Select(link => link.TextContent));
        Assert.DoesNotContain("Last used here", page.Body, StringComparison.Ordinal);
        Assert.Equal(0, browser.Cookies.Count);

        await ChooseAsync(browser, "/create-session?app=arcade", "aura");

        page = await browser.GetAsync("/create-session?app=arcade");
        Assert.Equal(3, page.Document.Links.Length);
        var mark = Assert.Single(page.Document.QuerySelectorAll(".soft"), element => element.TextContent == "Last used here");
        Assert.Contains("Aura", mark.ParentElement!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_names_a_provider_is_not_asked()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        Assert.Equal(200, (await game.ExchangeAsync(await browser.SignInAsync("/create-session?app=arcade&provider=aura"))).Status);
        var redirecting = new RedirectGame(game, Arcade) { Scope = null };
        Assert.Equal(200, (await redirecting.RedeemAsync(
            (await redirecting.SignInAsync(browser, changes: ("provider", "wishtack")))["code"])).Status);
        var device = await game.PostAsync("/device_authorization", ("client_id", Arcade), ("provider", "lifescope"));
        await browser.SignDeviceInAsync(device.Text("verification_uri_complete")!);
        Assert.Equal(200, (await game.PollAsync(device, Arcade)).Status);
    }

    [Theory]
    [InlineData("basic", "lifescope")]
    [InlineData("BASIC people:read", "lifescope")]
    [InlineData("read", "wishtack")]
    public async Task Scopes_that_only_one_registration_lists_lead_there(string scope, string provider)
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var there = broker.Emulator(provider).Url.AbsoluteUri;
        var answer = await browser.GetAsync(new RedirectGame(game, Arcade) { Scope = scope }.Address());
        Assert.StartsWith(there, answer.Location, StringComparison.Ordinal);
        answer = await browser.GetAsync($"/create-session?app=arcade&scopes={scope.Replace(' ', ',')}");
        Assert.StartsWith(there, answer.Location, StringComparison.Ordinal);
        var device = await game.StartDeviceAsync(Arcade, scope);
        answer = await browser.AnswerDeviceAsync(await browser.OpenAsync(device.Text("verification_uri_complete")!));
        Assert.StartsWith(there, answer.Location, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("steal:all", null, "invalid_scope")]
    [InlineData("basic steal:all", null, "invalid_scope")]
    [InlineData("basic read", null, "invalid_scope")] // which nobody has together
    [InlineData("basic", "wishtack", "invalid_scope")]
    [InlineData("basic", "aura", "invalid_scope")] // which takes none
    [InlineData(null, "tachi", "invalid_request")]
    [InlineData(null, "Aura", "invalid_request")]
    [InlineData(null, "<script>", "invalid_request")]
    public async Task A_scope_that_none_lists_and_an_unknown_provider_are_refused(string? scope, string? provider, string error)
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var redirecting = new RedirectGame(game, Arcade) { Scope = scope };
        var address = redirecting.Address(("provider", provider));
        Assert.Equal(error, redirecting.ParametersOf(await browser.GetAsync(address))["error"]);
        var query = $"{(scope is null ? "" : $"&scopes={Uri.EscapeDataString(scope)}")}{(provider is null ? "" : $"&provider={provider}")}";
        Assert.Equal(400, (await browser.GetAsync($"/create-session?app=arcade{query}")).Status);
        List<(string, string)> fields = [("client_id", Arcade)];
        if (scope is not null)
            fields.Add(("scope", scope));
        if (provider is not null)
            fields.Add(("provider", provider));
        Assert.Equal(error, (await game.PostAsync("/device_authorization", [.. fields])).Error);
        Assert.Equal(0, browser.Cookies.Count);
    }

    [Fact]
    public async Task The_player_may_go_back_and_choose_again_and_the_first_provider_s_answer_is_then_no_answer()
    {
        await using var broker = await Broker.StartAsync(await Broker.NewTableStoreAsync());
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var device = await game.StartDeviceAsync(Arcade, scope: null);
        var accepted = await browser.AnswerDeviceAsync(await browser.OpenAsync(device.Text("verification_uri_complete")!));
        var first = await browser.DecideAsync(
            await browser.FollowAsync(await ChooseAsync(browser, accepted.Location!, "lifescope")), "approve");
        var second = await browser.DecideAsync(
            await browser.FollowAsync(await ChooseAsync(browser, accepted.Location!, "wishtack")), "approve");
        Assert.NotEqual(RedirectGame.QueryOf(first.Location!)["state"], RedirectGame.QueryOf(second.Location!)["state"]);

        Assert.Equal(400, (await browser.GetAsync(first.Location!)).Status);
        Assert.Equal((0, 0), (broker.LifeScope.TokenRequests, broker.Emulator("wishtack").TokenRequests));
        Assert.Equal(200, (await browser.OpenAsync(second.Location!)).Status);
        Assert.Equal("read", (await game.PollAsync(device, Arcade)).Text("scope"));
    }

    [Fact]
    public async Task Only_the_browser_that_has_accepted_a_device_chooses_for_it()
    {
        await using var broker = await Broker.StartAsync();
        using var stranger = broker.NewBrowser();
        using var victim = broker.NewBrowser();
        using var game = broker.NewGame();
        var device = await game.StartDeviceAsync(Arcade, scope: null);
        var accepted = await stranger.AnswerDeviceAsync(await stranger.OpenAsync(device.Text("verification_uri_complete")!));
        // Its page and its links, sent to somebody else.
        foreach (var url in new[] { accepted.Location!, $"{accepted.Location}&provider=aura",
            $"{device.Text("verification_uri_complete")}&provider=aura" })
        {
            var answer = await victim.GetAsync(url);
            Assert.Equal((400, null), (answer.Status, answer.Location));
        }
        // Nor does a link of another site choose in the browser that accepted: it lacks what the page's own links carry.
        var lured = await stranger.GetAsync($"{device.Text("verification_uri_complete")}&provider=wishtack");
        Assert.Equal((200, null), (lured.Status, lured.Location));
        Assert.Equal(3, lured.Document.Links.Length);
        // Before anybody has accepted, a choice is only the question.
        var another = await game.StartDeviceAsync(Arcade, scope: null);
        var question = await victim.GetAsync($"{another.Text("verification_uri_complete")}&provider=aura");
        Assert.Equal((200, null), (question.Status, question.Location));
        Assert.Single(question.Document.Forms);
    }

    [Fact]
    public async Task A_token_is_never_tried_at_several_providers()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var tokens = await game.ExchangeAsync(await browser.SignInAsync("/create-session?app=arcade&provider=aura"));
        var calls = broker.Emulator("aura").Calls;

        Assert.Equal("invalid_request", (await game.UserInfoAsync(Arcade, tokens.OAuthToken!)).Error);
        Assert.Equal("invalid_request", (await game.UserInfoAsync("arcade&provider=tachi", tokens.OAuthToken!)).Error);
        var access = ("token", tokens.OAuthToken!);
        Assert.Equal("invalid_request", (await game.PostAsync("/revoke", ("client_id", Arcade), access)).Error);
        Assert.Equal("invalid_request", (await game.PostAsync("/revoke", ("client_id", Arcade), access, ("provider", "x"))).Error);
        Assert.Equal(calls, broker.Emulator("aura").Calls);

        Assert.Equal(200, (await game.UserInfoAsync("arcade&provider=aura", tokens.OAuthToken!)).Status);
        Assert.Equal(200, (await game.PostAsync("/revoke", ("client_id", Arcade), access, ("provider", "aura"))).Status);
        // A refresh token tells by itself, whatever the game says.
        foreach (var more in new (string, string)[][] { [], [("provider", "wishtack")] })
        {
            var refreshToken = (await game.ExchangeAsync(await browser.SignInAsync("/create-session?app=arcade&provider=aura")))
                .Text("refresh_token")!;
            Assert.Equal(200, (await game.PostAsync("/revoke", [("client_id", Arcade), ("token", refreshToken), .. more])).Status);
            Assert.Equal("invalid_grant", (await game.RefreshAsync(Arcade, refreshToken)).Error);
        }
    }

    [Fact]
    public async Task Refresh_tokens_that_name_no_registration_work_only_where_there_is_one()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var key = TokenBroker.Crypto.ProtectionKey.TryParse(Convert.ToBase64String(Broker.ProtectionKey))!;
        var keys = new TokenBroker.Crypto.KeyRing([(key, DateTimeOffset.MinValue)]);
        var tokens = await game.ExchangeAsync(await browser.SignInAsync());
        var opened = TokenBroker.SignIns.SealedRefreshToken.Open(tokens.Text("refresh_token")!, keys)!;
        Assert.Equal("lifescope", opened.Provider);

        var before = opened with { Provider = null };
        Assert.Equal(200, (await game.RefreshAsync("lifescope", before.Seal(key))).Status);
        Assert.Equal("invalid_grant", (await game.RefreshAsync(Arcade, (before with { AppName = Arcade }).Seal(key))).Error);
        Assert.Equal("invalid_grant", (await game.RefreshAsync("lifescope", (before with { Provider = "aura" }).Seal(key))).Error);
    }

    /// <summary>
    /// RFC 9700 §4.4: a dishonest provider sends the player on to an honest one, whose code then comes back in the dishonest one's
    /// sign-in.
    /// </summary>
    [Fact]
    public async Task With_redirect_URIs_of_their_own_no_provider_gets_another_s_code()
    {
        await using var broker = await Broker.StartAsync(settings: new() { ["Apps:arcade:OwnRedirectUri"] = "true" });
        foreach (var name in new[] { "aura", "wishtack" })
            broker.Emulator(name).RedirectUri = $"{broker.Url}complete/arcade/{name}";
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var redirecting = new RedirectGame(game, Arcade) { Scope = null };
        var atDishonest = await browser.GetAsync(redirecting.Address(("provider", "aura")));
        var state = RedirectGame.QueryOf(atDishonest.Location!)["state"];
        var honest = broker.Emulator("wishtack");
        var lured = await browser.GetAsync($"{honest.Url}v1/oauth/authorize?response_type=code&client_id={honest.ArcadeClientId}" +
            $"&redirect_uri={Uri.EscapeDataString(honest.RedirectUri)}&scope=read&state={state}");
        var back = await browser.DecideAsync(lured, "approve");

        var answer = await browser.GetAsync(back.Location!);

        Assert.Equal((400, null), (answer.Status, answer.Location));
        Assert.Equal((0, 0), (broker.Emulator("aura").TokenRequests, honest.TokenRequests));
        // At its own address the right answer still ends the sign-in; at any other it does not.
        var right = (await browser.DecideAsync(await browser.FollowAsync(atDishonest), "approve")).Location!;
        foreach (var path in new[] { "/complete?", "/complete/arcade?", "/complete/arcade/wishtack?", "/complete/other/aura?" })
        {
            var elsewhere = right.Replace("/complete/arcade/aura?", path, StringComparison.Ordinal);
            Assert.Equal(400, (await browser.GetAsync(elsewhere)).Status);
        }
        Assert.Equal(200, (await redirecting.RedeemAsync(redirecting.ParametersOf(await browser.GetAsync(right))["code"])).Status);
    }

    [Fact]
    public async Task A_game_with_one_registration_may_have_a_redirect_URI_of_its_own()
    {
        await using var broker = await Broker.StartAsync(settings: new() { ["Apps:lifescope:OwnRedirectUri"] = "true" });
        broker.LifeScope.RedirectUri = $"{broker.Url}complete/lifescope";
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        Assert.Equal(200, (await game.ExchangeAsync(await browser.SignInAsync())).Status);
        var redirecting = new RedirectGame(game);
        Assert.Equal(200, (await redirecting.RedeemAsync((await redirecting.SignInAsync(browser))["code"])).Status);
        Assert.Equal("access_denied", (await redirecting.SignInAsync(browser, "deny"))["error"]);
        var back = (await browser.ApproveAsync("/create-session?scopes=basic")).Location!;
        Assert.Equal(400, (await browser.GetAsync(back.Replace("/complete/lifescope", "/complete", StringComparison.Ordinal))).Status);
    }

    [Fact]
    public async Task A_game_whose_only_registration_stands_among_Providers_asks_nobody()
    {
        await using var broker = await Broker.StartAsync(settings: new()
        {
            ["Apps:solo:Providers:discord:ClientId"] = "id",
            ["Apps:solo:Providers:discord:ClientSecret"] = "secret",
            ["Apps:solo:Providers:discord:Scopes:0"] = "identify",
        });
        using var browser = broker.NewBrowser();
        var answer = await browser.GetAsync("/create-session?app=solo&scopes=identify");
        Assert.StartsWith("https://discord.com/", answer.Location, StringComparison.Ordinal);
        Assert.Equal(400, (await browser.GetAsync("/create-session?app=solo")).Status); // as with one registration
    }

    /// <summary>Opens the page on which the player chooses, and follows the link of a provider.</summary>
    /// <returns>The redirect to the provider.</returns>
    private static async Task<Answer> ChooseAsync(Browser browser, string address, string provider)
    {
        var page = await browser.OpenAsync(address);
        Assert.Equal(200, page.Status);
        var link = page.Document.Links.Select(each => each.GetAttribute("href")!)
            .Single(each => each.Contains($"provider={provider}", StringComparison.Ordinal));
        var answer = await browser.GetAsync(link);
        Assert.True(answer.Status is 302 or 303, answer.Body);
        return answer;
    }
}
