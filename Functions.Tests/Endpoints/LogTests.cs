using System.Diagnostics.Metrics;
using System.Web;
using TokenBroker.Sessions;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Endpoints;

public sealed class LogTests
{
    [Fact]
    public async Task The_complete_log_and_the_metrics_of_a_sign_in_and_of_every_failure_hold_no_secret()
    {
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

        var store = new StoreThatMayFail(await Broker.NewTableStoreAsync());
        await using var broker = await Broker.StartAsync(store);
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var secrets = new List<string> { broker.LifeScope.ClientSecret, "steal:all", "marked-code", "marked-state" };

        var back = await browser.ApproveAsync("/create-session?scopes=basic");
        var query = HttpUtility.ParseQueryString(new Uri(back.Location!).Query);
        var id = SessionId.TryParse(browser.Cookies.GetCookies(broker.Url)[SessionCookie.Name]!.Value)!;
        secrets.AddRange([id.Text, id.State, id.CodeVerifier, query["code"]!]);
        await browser.GetAsync("/complete?code=marked-code&state=marked-state");
        var code = (await browser.OpenAsync(back.Location!)).AccessCode!;
        var reply = await game.ExchangeAsync(code);
        secrets.AddRange([code, reply.OAuthToken!, reply.Text("refresh_token")!]);
        await game.ExchangeAsync(code);
        await game.ExchangeAsync("marked-code");
        await game.GetAsync("/exchange-code");
        await game.GetAsync("/health");
        await browser.GetAsync("/create-session?scopes=steal:all");
        await browser.OpenAsync((await browser.DecideAsync(await browser.OpenAsync("/create-session?scopes=basic"), "deny")).Location!);
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
        secrets.AddRange([refreshed.Text("access_token")!, "marked-refresh", "marked-bearer", new string('v', 43)]);
        await game.RefreshAsync("lifescope", "tb1.marked-refresh.marked-refresh");
        await game.UserInfoAsync("aura", "marked-bearer");
        await game.GetAsync($"/exchange-code?access_code={await browser.SignInAsync()}&code_verifier={new string('v', 43)}");

        // Storage that is down, and worse.
        foreach (var failure in new Exception[] { new Azure.RequestFailedException(503, "marked-code"), new InvalidOperationException("marked-code") })
        {
            store.Failure = failure;
            await browser.GetAsync("/create-session?scopes=basic");
            await browser.GetAsync("/complete");
            await game.ExchangeAsync(AccessCode.New().Text);
        }
        store.Failure = null;
        broker.Time.Advance(TimeSpan.FromMinutes(6));
        await browser.OpenAsync(back.Location!);
        await broker.Sweeper.SweepAsync(100, default);

        var log = broker.Log.Text;
        Assert.Contains("Session created for app lifescope", log, StringComparison.Ordinal);
        Assert.Contains("Unexpected failure: System.InvalidOperationException", log, StringComparison.Ordinal);
        // The capture does hear the framework.
        Assert.Contains("Debug Microsoft.", log, StringComparison.Ordinal);
        Assert.Contains("Access code redeemed for app lifescope", log, StringComparison.Ordinal);
        Assert.Contains(tags, tag => tag.StartsWith("tokenbroker.redemptions outcome=invalid_grant", StringComparison.Ordinal));
        Assert.Contains(tags, tag => tag.StartsWith("tokenbroker.provider.duration provider=lifescope outcome=ok", StringComparison.Ordinal));
        Assert.Contains(tags, tag => tag.StartsWith("tokenbroker.completions app=lifescope outcome=declined", StringComparison.Ordinal));
        foreach (var secret in secrets)
            Assert.DoesNotContain(secret, log + string.Join('\n', tags), StringComparison.Ordinal);

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

        public override Task<Session?> FindAsync(SessionKey key, CancellationToken cancellation) =>
            Failure is null ? base.FindAsync(key, cancellation) : Task.FromException<Session?>(Failure);

        public override Task<Grant?> FindAsync(GrantKey key, CancellationToken cancellation) =>
            Failure is null ? base.FindAsync(key, cancellation) : Task.FromException<Grant?>(Failure);
    }
}
