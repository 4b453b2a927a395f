using TokenBroker.Crypto;
using TokenBroker.Storage;
using TokenBroker.Tests.Infrastructure;
using TokenBroker.Web;

namespace TokenBroker.Tests.Endpoints;

/// <summary>The whole way, over real Kestrel and real Azurite.</summary>
public sealed class SignInTests
{
    [Fact]
    public async Task The_calls_of_the_published_Unity_client_work_unchanged()
    {
        await using var broker = await Broker.StartAsync(await Broker.NewTableStoreAsync());
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();

        var code = await browser.SignInAsync("/create-session?client_id=lifescope-client-id&scopes=basic");
        var reply = await game.GetAsync($"/exchange-code?access_code={code}");

        Assert.Equal(200, reply.Status);
        Assert.Matches("^[0-9a-f]{64}$", reply.OAuthToken);
        Assert.Equal("2592000", reply.Text("expires_in"));
        Assert.Equal("ada", reply.Json.GetProperty("extra").GetProperty("connection_id_string").GetString());
        Assert.Equal("application/json", reply.Response.Content.Headers.ContentType!.MediaType);
        Assert.True(reply.Response.Headers.CacheControl!.NoStore);
    }

    [Fact]
    public async Task The_code_stands_on_a_page_without_a_query_and_survives_a_reload()
    {
        await using var broker = await Broker.StartAsync(await Broker.NewTableStoreAsync());
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var back = await browser.ApproveAsync("/create-session?scopes=basic");

        var redirect = await browser.GetAsync(back.Location!);
        Assert.Equal((303, "/complete"), (redirect.Status, redirect.Location));
        var page = await browser.FollowAsync(redirect);
        Assert.Equal((200, "/complete"), (page.Status, page.Url.PathAndQuery));
        var code = page.AccessCode;

        Assert.Equal(code, (await browser.GetAsync("/complete")).AccessCode);
        Assert.Equal(code, (await browser.OpenAsync(back.Location!)).AccessCode);
        Assert.Equal(1, broker.LifeScope.TokenRequests);
        Assert.Equal(200, (await game.ExchangeAsync(code!)).Status);
        Assert.Equal(code, (await browser.GetAsync("/complete")).AccessCode);
        Assert.Equal(code, (await browser.OpenAsync(back.Location!)).AccessCode);
    }

    [Fact]
    public async Task A_code_is_redeemed_by_exactly_one_of_fifty_callers()
    {
        await using var broker = await Broker.StartAsync(await Broker.NewTableStoreAsync());
        using var game = broker.NewGame();
        for (var run = 0; run < 20; run++)
        {
            using var browser = broker.NewBrowser();
            var code = await browser.SignInAsync();
            var replies = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => game.ExchangeAsync(code)));
            Assert.Single(replies, reply => reply.Status == 200);
            Assert.Equal(49, replies.Count(reply => reply is { Status: 400, Error: "invalid_grant" }));
        }
    }

    [Fact]
    public async Task Two_callbacks_at_once_spend_the_provider_code_once()
    {
        await using var broker = await Broker.StartAsync(await Broker.NewTableStoreAsync());
        using var browser = broker.NewBrowser();
        var back = await browser.ApproveAsync("/create-session?scopes=basic");

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => browser.GetAsync(back.Location!)));

        Assert.All(answers, answer => Assert.Equal((303, "/complete"), (answer.Status, answer.Location)));
        Assert.Equal(1, broker.LifeScope.TokenRequests);
        Assert.NotNull((await browser.GetAsync("/complete")).AccessCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task At_4_59_everything_of_a_session_works_and_at_5_00_nothing(bool swept)
    {
        await using var broker = await Broker.StartAsync(await Broker.NewTableStoreAsync());
        using var game = broker.NewGame();
        using var pending = broker.NewBrowser();
        using var waiting = broker.NewBrowser();
        using var late = broker.NewBrowser();
        var pendingBack = await pending.ApproveAsync("/create-session?scopes=basic");
        var lateBack = await late.ApproveAsync("/create-session?scopes=basic");
        var inTime = await waiting.SignInAsync();
        using var other = broker.NewBrowser();
        var tooLate = await other.SignInAsync();

        broker.Time.Advance(TimeSpan.FromSeconds(299));
        Assert.Equal(200, (await game.ExchangeAsync(inTime)).Status);
        Assert.NotNull((await pending.OpenAsync(pendingBack.Location!)).AccessCode);
        Assert.NotNull((await other.GetAsync("/complete")).AccessCode);

        broker.Time.Advance(TimeSpan.FromSeconds(1));
        if (swept)
            await broker.Sweeper.SweepAsync(Sweeper.TimerLimit, default);
        var reply = await game.ExchangeAsync(tooLate);
        Assert.Equal((400, "invalid_grant"), (reply.Status, reply.Error));
        Assert.Equal(410, (await late.OpenAsync(lateBack.Location!)).Status);
        Assert.Equal(410, (await pending.GetAsync("/complete")).Status);
        Assert.Equal(410, (await other.GetAsync("/complete")).Status);
        // By then a real browser has dropped the cookie; the state alone tells that time is up.
        using var without = broker.NewBrowser();
        Assert.Equal(410, (await without.GetAsync(lateBack.Location!)).Status);
    }

    [Fact]
    public async Task The_tables_tell_no_secret_of_a_finished_sign_in()
    {
        var counter = new OperationCounter();
        var sessions = await Azurite.NewTableAsync(counter.Options());
        var codes = await Azurite.NewTableAsync(counter.Options());
        await using var broker = await Broker.StartAsync(new TableSessionStore(sessions, codes, await Azurite.NewTableAsync()));
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var back = await browser.ApproveAsync("/create-session?scopes=basic");
        var id = SessionId.TryParse(browser.Cookies.GetCookies(broker.Url)[SessionCookie.Name]!.Value)!;
        var code = (await browser.OpenAsync(back.Location!)).AccessCode!;

        var dump = await Dump.OfAsync(sessions) + await Dump.OfAsync(codes);
        var token = await game.ExchangeAsync(code);

        Assert.Contains(id.RowKey, dump, StringComparison.Ordinal);
        var providerCode = new Uri(back.Location!).Query.Split("code=")[1].Split('&')[0];
        foreach (var secret in new[] { id.Text, id.Text[12..], id.State, id.State[12..], id.CodeVerifier, code, token.OAuthToken!,
            token.Text("refresh_token")!, providerCode })
            Assert.DoesNotContain(secret, dump, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Long_codes_and_tokens_pass_through()
    {
        await using var broker = await Broker.StartAsync(await Broker.NewTableStoreAsync());
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var code = new string('c', 700);
        var token = new string('t', 12_000);
        string? received = null;
        broker.LifeScope.Misbehaviour = async http =>
        {
            received = (await System.Text.Json.JsonDocument.ParseAsync(http.Request.Body)).RootElement.GetProperty("code").GetString();
            await Microsoft.AspNetCore.Http.HttpResponseJsonExtensions.WriteAsJsonAsync(http.Response, new { access_token = token });
        };
        var start = await browser.GetAsync("/create-session?scopes=basic");
        var state = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(new Uri(start.Location!).Query)["state"];

        var page = await browser.OpenAsync($"/complete?code={code}&state={state}");

        Assert.Equal(code, received);
        Assert.Equal(token, (await game.ExchangeAsync(page.AccessCode!)).OAuthToken);
    }

    [Fact]
    public async Task A_code_bound_by_PKCE_needs_its_verifier()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var verifier = new string('v', 43);
        var code = await browser.SignInAsync(
            $"/create-session?scopes=basic&code_challenge={Pkce.Challenge(verifier)}&code_challenge_method=S256");

        Assert.Equal("invalid_grant", (await game.ExchangeAsync(code)).Error);
        Assert.Equal("invalid_grant", (await game.GetAsync(
            $"/exchange-code?access_code={code}&code_verifier={new string('w', 43)}")).Error);
        var reply = await game.PostAsync("/exchange-code", ("access_code", code), ("code_verifier", verifier));

        Assert.Equal(200, reply.Status);
    }

    [Fact]
    public async Task A_code_of_an_unbound_session_takes_no_verifier()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var code = await browser.SignInAsync();
        Assert.Equal("invalid_grant", (await game.GetAsync(
            $"/exchange-code?access_code={code}&code_verifier={new string('w', 43)}")).Error);
        Assert.Equal(200, (await game.ExchangeAsync(code)).Status);
    }
}
