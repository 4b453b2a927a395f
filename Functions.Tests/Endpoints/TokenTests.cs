using TokenBroker.Crypto;
using TokenBroker.SignIns;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Endpoints;

public sealed class TokenTests
{
    [Fact]
    public async Task The_game_never_sees_the_provider_s_refresh_token()
    {
        await using var broker = await Broker.StartAsync();
        using var game = broker.NewGame();
        var provider = broker.Emulator("wishtack");
        provider.Misbehaviour = http =>
            TokenBroker.Local.Emulators.TokenReplies.WriteAsync(
                http, 200, new { access_token = "at", refresh_token = "raw-refresh-token" });
        using var browser = broker.NewBrowser();
        var reply = await game.ExchangeAsync(await browser.SignInAsync("/create-session?app=wishtack&scopes=read"));
        var refreshed = await game.RefreshAsync("wishtack", reply.Text("refresh_token")!);
        Assert.StartsWith("tb1.", reply.Text("refresh_token"), StringComparison.Ordinal);
        Assert.StartsWith("tb1.", refreshed.Text("refresh_token"), StringComparison.Ordinal);
        Assert.DoesNotContain("raw-refresh-token", reply.Body + refreshed.Body + broker.LogText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_game_may_be_named_by_its_name_or_by_its_client_id()
    {
        await using var broker = await Broker.StartAsync();
        using var game = broker.NewGame();
        var refreshToken = await SignInAsync(broker, game, "lifescope", "basic");
        Assert.Equal(200, (await game.RefreshAsync("lifescope-client-id", refreshToken)).Status);
        Assert.Equal(200, (await game.PostAsync(
            "/token", ("grant_type", "refresh_token"), ("app", "lifescope"), ("refresh_token", refreshToken))).Status);
        Assert.Equal(200, (await game.PostAsync("/token", ("grant_type", "refresh_token"), ("refresh_token", refreshToken))).Status);
    }

    [Fact]
    public async Task A_sealed_token_of_another_app_or_altered_or_of_another_broker_is_an_invalid_grant()
    {
        await using var broker = await Broker.StartAsync();
        using var game = broker.NewGame();
        var refreshToken = await SignInAsync(broker, game, "lifescope", "basic");
        var requests = broker.LifeScope.TokenRequests;
        var foreign = new SealedRefreshToken("lifescope", ["basic"], "token").Seal(ProtectionKey.New());
        foreach (var (app, token) in new[]
        {
            ("wishtack", refreshToken), ("lifescope", refreshToken[..^2] + (refreshToken[^2] == 'A' ? "BA" : "AA")),
                ("lifescope", foreign),
            ("lifescope", "raw"), ("lifescope", "tb1.x.y"), ("lifescope", "tb2" + refreshToken[3..]), ("lifescope", refreshToken + "."),
        })
        {
            var reply = await game.RefreshAsync(app, token);
            Assert.Equal((400, "invalid_grant"), (reply.Status, reply.Error));
        }
        Assert.Equal(requests, broker.LifeScope.TokenRequests);
    }

    [Fact]
    public void A_sealed_token_opens_under_an_older_version_until_that_is_retired()
    {
        var (old, current) = (ProtectionKey.New(), ProtectionKey.New());
        var sealedToken = new SealedRefreshToken("app", ["a"], "token").Seal(old);
        var now = DateTimeOffset.UnixEpoch.AddYears(50);
        Assert.Equal("token", SealedRefreshToken.Open(sealedToken, new([(old, now.AddYears(-1)), (current, now)]))!.Token);
        Assert.Null(SealedRefreshToken.Open(sealedToken, new([(current, now)])));
    }

    [Fact]
    public async Task Scopes_may_be_narrowed_and_never_widened()
    {
        await using var broker = await Broker.StartAsync();
        using var game = broker.NewGame();
        var refreshToken = await SignInAsync(broker, game, "webroot", "ECom.Shop");
        var wider = await game.RefreshAsync("webroot", refreshToken, ("scope", "ECom.Shop SkyStatus.Reporting"));
        Assert.Equal((400, "invalid_scope"), (wider.Status, wider.Error));

        refreshToken = await SignInAsync(broker, game, "webroot", "ECom.Shop,SkyStatus.Reporting");
        var narrower = await game.RefreshAsync("webroot", refreshToken, ("scope", "ecom.shop"));
        Assert.Equal("ECom.Shop", narrower.Text("scope"));
        // RFC 6749 §6: the new refresh token still reaches as far as the grant did.
        var whole = await game.RefreshAsync("webroot", narrower.Text("refresh_token")!);
        Assert.Equal("ECom.Shop SkyStatus.Reporting", whole.Text("scope"));
    }

    [Fact]
    public async Task What_the_provider_refuses_is_an_invalid_grant()
    {
        await using var broker = await Broker.StartAsync();
        using var game = broker.NewGame();
        var refreshToken = await SignInAsync(broker, game, "wishtack", "read");
        Assert.Equal(200, (await game.RefreshAsync("wishtack", refreshToken)).Status);
        var spent = await game.RefreshAsync("wishtack", refreshToken);
        Assert.Equal((400, "invalid_grant"), (spent.Status, spent.Error));
    }

    [Theory]
    [InlineData("invalid_request")]
    [InlineData("invalid_request", "grant_type", "refresh_token", "client_id", "lifescope")]
    [InlineData("invalid_request", "grant_type", "refresh_token", "grant_type", "refresh_token", "refresh_token", "x")]
    [InlineData("invalid_request", "grant_type", "refresh_token", "refresh_token", "x", "refresh_token", "y")]
    [InlineData("unsupported_grant_type", "grant_type", "password", "username", "x")]
    [InlineData("invalid_client", "grant_type", "refresh_token", "refresh_token", "x", "client_id", "nobody")]
    [InlineData("invalid_client", "grant_type", "refresh_token", "refresh_token", "x", "client_id", "lifescope", "app", "aura")]
    public async Task A_bad_request_is_told_in_the_words_of_the_RFC(string error, params string[] fields)
    {
        await using var broker = await Broker.StartAsync();
        using var game = broker.NewGame();
        var reply = await game.PostAsync("/token", [.. fields.Chunk(2).Select(pair => (pair[0], pair[1]))]);
        Assert.Equal((400, error), (reply.Status, reply.Error));
    }

    [Fact]
    public async Task A_query_is_no_form()
    {
        await using var broker = await Broker.StartAsync();
        using var game = broker.NewGame();
        using var request = new HttpRequestMessage(
            HttpMethod.Post, new Uri("/token?grant_type=refresh_token&refresh_token=x", UriKind.Relative));
        Assert.Equal("invalid_request", (await game.SendAsync(request)).Error);
        Assert.Equal(404, (await game.GetAsync("/token?grant_type=refresh_token")).Status);
    }

    private static async Task<string> SignInAsync(Broker broker, Game game, string app, string scopes)
    {
        using var browser = broker.NewBrowser();
        return (await game.ExchangeAsync(await browser.SignInAsync($"/create-session?app={app}&scopes={scopes}"))).Text("refresh_token")!;
    }
}
