using System.Diagnostics.Metrics;

namespace TokenBroker;

/// <summary>
/// Counters and durations on the meter <c>TokenBroker</c>. Tags are names from configuration or fixed words, never from a request.
/// </summary>
/// <param name="meters">Where meters come from.</param>
public sealed class BrokerMetrics(IMeterFactory meters)
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "TokenBroker";

    private readonly Counter<long> _sessions =
        meters.Create(MeterName).CreateCounter<long>("tokenbroker.sessions", "{session}", "Sessions created, by app.");

    private readonly Counter<long> _completions = meters.Create(MeterName).CreateCounter<long>(
        "tokenbroker.completions", "{session}", "Sessions that came back from the provider, by app and outcome.");

    private readonly Counter<long> _redemptions = meters.Create(MeterName).CreateCounter<long>(
        "tokenbroker.redemptions", "{request}", "Access codes presented by games, by outcome.");

    private readonly Counter<long> _swept =
        meters.Create(MeterName).CreateCounter<long>("tokenbroker.swept", "{session}", "Expired sessions removed.");

    private readonly Histogram<double> _providerCalls = meters.Create(MeterName).CreateHistogram<double>(
        "tokenbroker.provider.duration", "s", "Token requests to providers, by provider and outcome.");

    internal void SessionCreated(string app) => _sessions.Add(1, new KeyValuePair<string, object?>("app", app));

    internal void SessionCompleted(string app, string outcome) =>
        _completions.Add(1, new KeyValuePair<string, object?>("app", app), new KeyValuePair<string, object?>("outcome", outcome));

    internal void Redeemed(string outcome) => _redemptions.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    internal void Swept(int sessions) => _swept.Add(sessions);

    internal void ProviderCall(string provider, string outcome, TimeSpan duration) => _providerCalls.Record(
        duration.TotalSeconds,
        new KeyValuePair<string, object?>("provider", provider),
        new KeyValuePair<string, object?>("outcome", outcome));
}
