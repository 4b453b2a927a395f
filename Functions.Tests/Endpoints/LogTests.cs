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

        await using var broker = await Broker.StartAsync(await Broker.NewTableStoreAsync());
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
        broker.Time.Advance(TimeSpan.FromMinutes(6));
        await broker.Sweeper.SweepAsync(100, default);

        var log = broker.Log.Text;
        Assert.Contains("Session created for app lifescope", log, StringComparison.Ordinal);
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
}
