using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using TokenBroker.Secrets;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Endpoints;

/// <summary>The five providers of the seeds from end to end, over real Kestrel and real Azurite, against strict emulators.</summary>
public sealed class ProviderTests
{
    [Theory]
    [InlineData("lifescope", "basic", true, false)]
    [InlineData("aura", "", true, true)]
    [InlineData("webroot", "ECom.Shop,SkyStatus.Reporting", true, true)]
    [InlineData("tachi", "", false, false)]
    [InlineData("wishtack", "read", true, true)]
    public async Task A_player_signs_in_and_stays_signed_in(string app, string scopes, bool refreshes, bool rotates)
    {
        await using var broker = await Broker.StartAsync(await Broker.NewTableStoreAsync());
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();

        var reply = await game.ExchangeAsync(await browser.SignInAsync($"/create-session?app={app}&scopes={scopes}"));

        Assert.Equal(200, reply.Status);
        Assert.NotEmpty(reply.OAuthToken!);
        Assert.Equal(refreshes, reply.Text("refresh_token") is not null);
        var refreshToken = reply.Text("refresh_token");
        for (var round = 0; refreshes && round < 3; round++)
        {
            var refreshed = await game.RefreshAsync(app, refreshToken!);
            Assert.Equal((200, "no-store"), (refreshed.Status, refreshed.Response.Headers.CacheControl!.ToString()));
            Assert.NotEqual(reply.OAuthToken, refreshed.Text("access_token"));
            Assert.Null(refreshed.OAuthToken);
            // A rotated token is spent; one that is not stays good.
            Assert.Equal(rotates ? 400 : 200, (await game.RefreshAsync(app, refreshToken!)).Status);
            refreshToken = refreshed.Text("refresh_token");
        }
    }

    [Fact]
    public async Task Aura_tells_who_the_player_is_with_memberships()
    {
        await using var broker = await Broker.StartAsync(await Broker.NewTableStoreAsync());
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var token = (await game.ExchangeAsync(await browser.SignInAsync("/create-session?app=aura", "grace"))).OAuthToken!;
        var data = (await game.UserInfoAsync("aura", token)).Json.GetProperty("data");
        Assert.Equal("grace", data.GetProperty("first_name").GetString());
        Assert.Equal(548.3, data.GetProperty("memberships").GetProperty("data")[0].GetProperty("points").GetDouble());
    }

    [Fact]
    public async Task Wishtack_s_user_data_reaches_the_game_intact()
    {
        await using var broker = await Broker.StartAsync(await Broker.NewTableStoreAsync());
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var reply = await game.ExchangeAsync(await browser.SignInAsync("/create-session?app=wishtack&scopes=read"));
        Assert.Equal(
            """{"first_name":"ada","last_name":"DOE","email":"j.doe@example.com","is_cool":"definitely not!"}""",
            reply.Json.GetProperty("extra").GetProperty("wishtack_user_data").GetRawText());
        Assert.Equal("read", reply.Text("scope"));
    }

    [Fact]
    public async Task Tachi_s_key_comes_without_an_expiry_and_with_what_it_may_do()
    {
        await using var broker = await Broker.StartAsync(await Broker.NewTableStoreAsync());
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var start = await browser.GetAsync("/create-session?app=tachi");
        Assert.Equal(["clientID", "context"],
            Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(new Uri(start.Location!).Query).Keys.Order());
        var back = await browser.DecideAsync(await browser.FollowAsync(start), "approve");
        Assert.Contains("context=", back.Location, StringComparison.Ordinal);

        var reply = await game.ExchangeAsync((await browser.FollowAsync(back)).AccessCode!);

        Assert.Equal(["extra", "oauth_token"], reply.Json.EnumerateObject().Select(member => member.Name).Order());
        var extra = reply.Json.GetProperty("extra");
        Assert.Equal(1, extra.GetProperty("userID").GetInt32());
        Assert.Equal("""{"customise_profile":true}""", extra.GetProperty("permissions").GetRawText());
        Assert.Equal("ada", (await game.UserInfoAsync("tachi", reply.OAuthToken!)).Json.GetProperty("body").GetProperty("username")
            .GetString());
    }

    [Fact]
    public async Task Declining_at_Tachi_goes_nowhere_and_the_session_just_ends()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        var back = await browser.DecideAsync(await browser.OpenAsync("/create-session?app=tachi"), "deny");
        Assert.Equal(broker.Emulator("tachi").Url.Authority, new Uri(back.Location!).Authority);
        Assert.Equal(400, (await browser.GetAsync("/complete?error=access_denied")).Status);
        broker.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(410, (await browser.GetAsync("/complete")).Status);
    }

    [Fact]
    public async Task Webroot_s_short_token_is_refreshed_when_the_game_collects_it_late()
    {
        await using var broker = await Broker.StartAsync(await Broker.NewTableStoreAsync());
        using var browser = broker.NewBrowser();
        using var other = broker.NewBrowser();
        using var game = broker.NewGame();
        var webroot = broker.Emulator("webroot");
        var early = await browser.SignInAsync("/create-session?app=webroot&scopes=ECom.Shop");
        var late = await other.SignInAsync("/create-session?app=webroot&scopes=ECom.Shop");
        Assert.Equal(2, webroot.TokenRequests);

        broker.Time.Advance(TimeSpan.FromSeconds(239));
        Assert.Equal("60", (await game.ExchangeAsync(early)).Text("expires_in"));
        Assert.Equal(2, webroot.TokenRequests);

        broker.Time.Advance(TimeSpan.FromSeconds(1));
        var reply = await game.ExchangeAsync(late);
        Assert.Equal(("299", "ECom.Shop"), (reply.Text("expires_in"), reply.Text("scope")));
        Assert.Equal(3, webroot.TokenRequests);
        Assert.Equal(200, (await game.RefreshAsync("webroot", reply.Text("refresh_token")!)).Status);
    }

    [Fact]
    public async Task Where_refreshing_at_collection_fails_the_game_gets_what_there_is()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var code = await browser.SignInAsync("/create-session?app=webroot&scopes=ECom.Shop");
        broker.Time.Advance(TimeSpan.FromSeconds(299));
        broker.Emulator("webroot").Misbehaviour = http =>
        {
            http.Response.StatusCode = 503;
            return Task.CompletedTask;
        };
        var reply = await game.ExchangeAsync(code);
        Assert.Equal((200, "0"), (reply.Status, reply.Text("expires_in")));
        broker.Emulator("webroot").Misbehaviour = null;
        Assert.Equal(200, (await game.RefreshAsync("webroot", reply.Text("refresh_token")!)).Status);
    }

    [Fact]
    public async Task A_vault_that_is_down_at_collection_does_not_cost_the_player_the_token()
    {
        var secrets = new FakeSecrets();
        await using var broker = await Broker.StartAsync(configure: services => services.AddSingleton<ISecrets>(secrets));
        secrets.ClientSecret = broker.Emulator("webroot").ClientSecret;
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var code = await browser.SignInAsync("/create-session?app=webroot&scopes=ECom.Shop");
        broker.Time.Advance(TimeSpan.FromSeconds(290));
        var secret = secrets.ClientSecret;
        secrets.ClientSecret = null;
        Assert.Equal(503, (await game.ExchangeAsync(code)).Status);
        secrets.ClientSecret = secret;
        Assert.Equal("299", (await game.ExchangeAsync(code)).Text("expires_in"));
    }

    [Fact]
    public async Task A_provider_nobody_has_heard_of_needs_configuration_only()
    {
        var made = new Dictionary<string, string?>();
        await using var wishtack = await StartEmulatorAsync();
        foreach (var (key, value) in wishtack.Settings())
            made[key.Replace("wishtack", "madeup", StringComparison.Ordinal)] = value;
        made["Apps:madeup:Provider"] = "oauth2";
        await using var broker = await Broker.StartAsync(settings: made);
        wishtack.RedirectUri = $"{broker.Url.AbsoluteUri}complete";
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var reply = await game.ExchangeAsync(await browser.SignInAsync("/create-session?app=madeup&scopes=read"));
        Assert.Equal(200, reply.Status);
        Assert.Equal(200, (await game.RefreshAsync("madeup", reply.Text("refresh_token")!)).Status);

        static async Task<TokenBroker.Local.Emulators.EmulatedWishtack> StartEmulatorAsync()
        {
            var emulator = new TokenBroker.Local.Emulators.EmulatedWishtack();
            await emulator.StartAsync();
            return emulator;
        }
    }

    [Theory]
    [InlineData("500", 502)]
    [InlineData("503", 502)]
    [InlineData("reset", 502)]
    [InlineData("html", 502)]
    [InlineData("huge", 502)]
    [InlineData("hidden error", 502)]
    [InlineData("empty", 502)]
    [InlineData("redirect", 502)]
    [InlineData("bad gzip", 502)]
    [InlineData("hang", 504)]
    [InlineData("trickle", 504)]
    public async Task Misbehaviour_ends_in_time_in_a_clear_answer_and_blocks_no_new_sign_in(string misbehaviour, int status)
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var provider = broker.Emulator("wishtack");
        var signedIn = await game.ExchangeAsync(await browser.SignInAsync("/create-session?app=wishtack&scopes=read"));
        var refreshToken = signedIn.Text("refresh_token")!;
        var back = await browser.ApproveAsync("/create-session?app=wishtack&scopes=read");
        var arrived = new SemaphoreSlim(0);
        provider.Misbehaviour = http => MisbehaveAsync(misbehaviour, http, arrived);

        var page = await EndAsync(browser.OpenAsync(back.Location!));
        var refreshed = await EndAsync(game.RefreshAsync("wishtack", refreshToken));

        Assert.Equal(status, page.Status);
        Assert.Contains("Start again", page.Body, StringComparison.Ordinal);
        Assert.Equal((status, "temporarily_unavailable"), (refreshed.Status, refreshed.Error));
        Assert.DoesNotContain("marked", page.Body + refreshed.Body + broker.LogText, StringComparison.Ordinal);
        provider.Misbehaviour = null;
        Assert.NotEmpty(await browser.SignInAsync("/create-session?app=wishtack&scopes=read"));
        // Trouble of the provider never loses the refresh token that the game holds.
        Assert.Equal(200, (await game.RefreshAsync("wishtack", refreshToken)).Status);

        async Task<T> EndAsync<T>(Task<T> answer)
        {
            Assert.True(await arrived.WaitAsync(TimeSpan.FromSeconds(30)), "The provider was not asked.");
            if (status == 504)
                broker.Time.Advance(TimeSpan.FromSeconds(10));
            return await answer;
        }
    }

    private static async Task MisbehaveAsync(string misbehaviour, HttpContext http, SemaphoreSlim arrived)
    {
        if (misbehaviour == "trickle")
            await http.Response.WriteAsync("{\"marked\":");
        arrived.Release();
        switch (misbehaviour)
        {
            case "reset":
                http.Abort();
                break;
            case "html":
                await http.Response.WriteAsync("<html>marked</html>");
                break;
            case "huge":
                await http.Response.WriteAsync(JsonSerializer.Serialize(new { access_token = new string('x', 10_000_000) }));
                break;
            case "hidden error":
                await http.Response.WriteAsync("""{"error":"server_error","error_description":"marked"}""");
                break;
            case "empty":
                break;
            case "redirect":
                http.Response.Redirect("/elsewhere?marked");
                break;
            case "bad gzip":
                http.Response.Headers.ContentEncoding = "gzip";
                await http.Response.WriteAsync("marked");
                break;
            case "hang" or "trickle":
                await Task.Delay(Timeout.Infinite, http.RequestAborted);
                break;
            default:
                http.Response.StatusCode = int.Parse(misbehaviour, System.Globalization.CultureInfo.InvariantCulture);
                await http.Response.WriteAsync("marked");
                break;
        }
    }
}
