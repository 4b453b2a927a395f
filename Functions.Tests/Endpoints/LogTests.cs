using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Runtime.ExceptionServices;
using System.Web;
using Microsoft.Extensions.DependencyInjection;
using TokenBroker.Crypto;
using TokenBroker.Secrets;
using TokenBroker.SignIns;
using TokenBroker.Storage;
using TokenBroker.Tests.Infrastructure;
using TokenBroker.Web;

namespace TokenBroker.Tests.Endpoints;

public sealed class LogTests
{
    [Fact]
    public async Task Logs_metrics_exceptions_responses_and_tables_hold_no_secret_in_success_and_failure()
    {
        var exceptions = new ConcurrentQueue<string>();
        void Thrown(object? sender, FirstChanceExceptionEventArgs thrown) => exceptions.Enqueue(thrown.Exception.Message);
        AppDomain.CurrentDomain.FirstChanceException += Thrown;
        var tags = new List<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, meters) =>
            {
                if (instrument.Meter.Name == BrokerMetrics.MeterName)
                    meters.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, _, measured, _) => Record(instrument, measured));
        listener.SetMeasurementEventCallback<double>((instrument, _, measured, _) => Record(instrument, measured));
        listener.Start();

        var tables = new[] { await Azurite.NewTableAsync(), await Azurite.NewTableAsync(), await Azurite.NewTableAsync() };
        var store = new StoreThatMayFail(new TableSessionStore(tables[0], tables[1], tables[2]));
        await using var broker = await Broker.StartAsync(store);
        var transcript = new Transcript(broker.Url);
        using var browser = new Browser(broker.Url, transcript);
        using var game = new Game(broker.Url, transcript);
        // What nobody may hear, and what only the player and the game may: codes and misspelt scopes on the page, tokens in the reply.
        var secrets = new List<string> { broker.LifeScope.ClientSecret, "marked-code", "marked-state" };
        var theirs = new List<string> { "steal:all" };

        var back = await browser.ApproveAsync("/create-session?scopes=basic");
        var query = HttpUtility.ParseQueryString(new Uri(back.Location!).Query);
        var id = SessionId.TryParse(browser.Cookies.GetCookies(broker.Url)[SessionCookie.Name]!.Value)!;
        secrets.AddRange([id.Text, id.State, id.CodeVerifier, query["code"]!]);
        await browser.GetAsync("/complete?code=marked-code&state=marked-state");
        var code = (await browser.OpenAsync(back.Location!)).AccessCode!;
        var reply = await game.ExchangeAsync(code);
        theirs.AddRange([code, reply.OAuthToken!, reply.Text("refresh_token")!]);
        await game.ExchangeAsync(code);
        await game.ExchangeAsync("marked-code");
        await game.GetAsync("/exchange-code");
        await game.GetAsync("/health");
        await browser.GetAsync("/create-session?scopes=steal:all");
        await browser.OpenAsync((await browser.DecideAsync(await browser.OpenAsync("/create-session?scopes=basic"), "deny")).Location!);
        // What the game wants back goes to the game, and is kept until then.
        var redirecting = new RedirectGame(game) { State = "marked-state-of-the-game" };
        var answer = await redirecting.SignInAsync(browser, changes: [("nonce", "marked-nonce"), ("login_hint", "marked-hint")]);
        var redirected = await redirecting.RedeemAsync(answer["code"]);
        await redirecting.RedeemAsync(answer["code"]);
        theirs.AddRange([answer["code"], redirecting.State, redirected.Text("access_token")!, redirected.Text("refresh_token")!]);
        var named = await game.ExchangeAsync(await browser.SignInAsync("/create-session?app=aura&scopes=openid,profile", "marked-player"));
        theirs.AddRange([named.Text("id_token")!, "d9dc02bf-b88f-40bc-b423-bc369f545067"]);
        secrets.AddRange([RedirectGame.Verifier, "marked-nonce"]);
        broker.LifeScope.Misbehaviour = http => http.Response.Body.WriteAsync("marked-code in <html>"u8.ToArray()).AsTask();
        await browser.OpenAsync((await browser.ApproveAsync("/create-session?scopes=basic")).Location!);
        broker.LifeScope.Misbehaviour = http =>
        {
            http.Response.StatusCode = 401;
            return http.Response.Body.WriteAsync("{\"error\":\"invalid_client\",\"x\":\"marked-code\"}"u8.ToArray()).AsTask();
        };
        await browser.OpenAsync((await browser.ApproveAsync("/create-session?scopes=basic")).Location!);
        broker.LifeScope.Misbehaviour = null;

        // The game: refreshing, a token of nobody, a profile that is refused, a verifier nobody asked for, a body that is no form.
        var refreshed = await game.RefreshAsync("lifescope", reply.Text("refresh_token")!);
        var keys = await broker.Services.GetRequiredService<ISecrets>().ProtectionKeysAsync(default);
        theirs.Add(refreshed.Text("access_token")!);
        secrets.AddRange(["marked-refresh", "marked-bearer", new string('v', 43),
            SealedRefreshToken.Open(reply.Text("refresh_token")!, keys)!.Token]);
        await game.RefreshAsync("lifescope", "tb1.marked-refresh.marked-refresh");
        await game.UserInfoAsync("aura", "marked-bearer");
        var profiled = (await game.ExchangeAsync(await browser.SignInAsync("/create-session?app=aura"))).OAuthToken!;
        Assert.Equal(200, (await game.UserInfoAsync("aura", profiled)).Status);
        theirs.Add(profiled);

        // A device: begun, polled, accepted, redeemed, declined, its user code guessed; and sign-out.
        var device = await game.StartDeviceAsync();
        await game.PollAsync(device);
        await game.GetAsync($"/device/qr?user_code={device.Text("user_code")}");
        await browser.SignDeviceInAsync(device.Text("verification_uri_complete")!);
        var redeemed = await game.PollAsync(device);
        theirs.AddRange([device.Text("device_code")!, device.Text("user_code")!, redeemed.Text("access_token")!,
            redeemed.Text("refresh_token")!]);
        var declined = await game.StartDeviceAsync();
        await browser.AnswerDeviceAsync(await browser.OpenAsync(declined.Text("verification_uri_complete")!), "decline");
        await browser.OpenAsync("/device?user_code=marked-user-code");
        await game.PostAsync("/device_authorization", ("client_id", "lifescope"), ("scope", "marked-scope"));
        await game.PostAsync("/revoke", ("client_id", "lifescope"), ("token", redeemed.Text("refresh_token")!));
        await game.PostAsync("/revoke", ("client_id", "lifescope"), ("token", "marked-token"));
        theirs.AddRange([declined.Text("device_code")!, declined.Text("user_code")!]);
        secrets.AddRange(["marked-user-code", "marked-scope", "marked-token"]);
        await game.GetAsync($"/exchange-code?access_code={await browser.SignInAsync()}&code_verifier={new string('v', 43)}");
        // A bound code and its verifier; a code of another app; more tries than there are.
        var bound = await browser.SignInAsync(
            $"/create-session?scopes=basic&code_challenge={Pkce.Challenge(new('w', 43))}&code_challenge_method=S256");
        Assert.Equal(200, (await game.GetAsync($"/exchange-code?access_code={bound}&code_verifier={new string('w', 43)}")).Status);
        var other = await browser.SignInAsync();
        await game.GetAsync($"/exchange-code?access_code={other}&app=aura");
        theirs.AddRange([bound, other]);
        secrets.Add(new('w', 43));
        while ((await game.ExchangeAsync("marked-code")).Status != 429)
        {
        }
        var dump = await Dump.OfAsync(tables[0]) + await Dump.OfAsync(tables[1]) + await Dump.OfAsync(tables[2]);
        broker.Time.Advance(TimeSpan.FromMinutes(5));

        // Storage that is down, and worse.
        foreach (var failure in new Exception[] { new Azure.RequestFailedException(503, "marked-fault"),
            new InvalidOperationException("marked-fault") })
        {
            store.Failure = failure;
            await browser.GetAsync("/create-session?scopes=basic");
            await browser.GetAsync("/complete");
            await game.ExchangeAsync(Codes.New().Text);
        }
        store.Failure = null;
        broker.Time.Advance(TimeSpan.FromMinutes(6));
        await browser.OpenAsync(back.Location!);
        await broker.Sweeper.SweepAsync(100, default);

        var log = broker.LogText;
        Assert.Contains("Session created for app lifescope", log, StringComparison.Ordinal);
        Assert.Contains("Unexpected failure: System.InvalidOperationException", log, StringComparison.Ordinal);
        // The capture does hear the framework.
        Assert.Contains("Debug Microsoft.", log, StringComparison.Ordinal);
        Assert.Contains("Tokens handed to a game of app lifescope", log, StringComparison.Ordinal);
        Assert.Contains(tags, tag => tag.StartsWith("tokenbroker.redemptions outcome=invalid_grant", StringComparison.Ordinal));
        Assert.Contains(tags, tag => tag.StartsWith(
            "tokenbroker.provider.duration provider=lifescope outcome=ok", StringComparison.Ordinal));
        Assert.Contains(tags, tag => tag.StartsWith("tokenbroker.completions app=lifescope outcome=declined", StringComparison.Ordinal));
        AppDomain.CurrentDomain.FirstChanceException -= Thrown;
        Assert.Contains("lifescope", dump, StringComparison.Ordinal);
        Assert.Contains("marked-fault", exceptions);
        var everywhere = log + string.Join('\n', tags) + string.Join('\n', exceptions) + dump;
        foreach (var secret in secrets.Concat(theirs))
            Assert.DoesNotContain(secret, everywhere, StringComparison.Ordinal);
        foreach (var secret in secrets)
            Assert.DoesNotContain(secret, transcript.Text, StringComparison.Ordinal);
        // An address is no secret to its owner, but nobody shall find it in the tables; and a fault is no player's business.
        Assert.DoesNotContain("127.0.0.1", dump, StringComparison.Ordinal);
        Assert.DoesNotContain("marked-fault", transcript.Text + log, StringComparison.Ordinal);

        void Record(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> measured)
        {
            var text = instrument.Name;
            foreach (var tag in measured)
                text += $" {tag.Key}={tag.Value}";
            lock (tags)
                tags.Add(text);
        }
    }

    private sealed class StoreThatMayFail(ISessionStore store) : StoreDecorator(store)
    {
        public Exception? Failure { get; set; }

        public override Task AddAsync(Session session, CancellationToken cancellation) =>
            Failure is null ? base.AddAsync(session, cancellation) : Task.FromException(Failure);

        public override Task<Session?> FindAsync(SessionId id, CancellationToken cancellation) =>
            Failure is null ? base.FindAsync(id, cancellation) : Task.FromException<Session?>(Failure);

        public override Task<CodeEntry?> FindEntryAsync(string rowKey, CancellationToken cancellation) =>
            Failure is null ? base.FindEntryAsync(rowKey, cancellation) : Task.FromException<CodeEntry?>(Failure);
    }
}
