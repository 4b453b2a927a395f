using System.Collections.Concurrent;
using TokenBroker.Sessions;

namespace TokenBroker.Limits;

/// <summary>
/// How often devices may poll (RFC 8628 §3.5). It is kept in memory, so that a poll writes nothing; each instance paces for itself
/// (docs/decisions/0007).
/// </summary>
public sealed class PollPace(TimeProvider time)
{
    /// <summary>The pace that a device is told to begin with, in seconds: <c>interval</c> of RFC 8628 §3.2.</summary>
    public const int Seconds = 5;

    /// <summary>What each <c>slow_down</c> adds (RFC 8628 §3.5).</summary>
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(5);

    /// <summary>Beyond this the pace is not slowed: a client that adds five seconds each time is here at the latest, and told so no more.</summary>
    private static readonly TimeSpan Slowest = TimeSpan.FromSeconds(20);

    /// <summary>How much sooner a poll may come: networks deliver some requests faster than others.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan TidyInterval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<SessionKey, Pace> _paces = new();
    private readonly Interval _tidying = new(TidyInterval);

    /// <summary>Counts a poll.</summary>
    /// <param name="device">The device's session.</param>
    /// <returns>Whether it came too soon. Then the pace is slower from now on, measured from the last poll that did not: who keeps to the new pace is never told again.</returns>
    internal bool IsTooSoon(SessionKey device)
    {
        var now = time.GetUtcNow();
        Tidy(now);
        var pace = _paces.AddOrUpdate(
            device,
            _ => new(now, TimeSpan.FromSeconds(Seconds), TooSoon: false),
            (_, last) => now >= last.PolledAt + last.Interval - Tolerance
                ? last with { PolledAt = now, TooSoon = false }
                : last with { Interval = last.Interval + Step < Slowest ? last.Interval + Step : Slowest, TooSoon = true });
        return pace.TooSoon;
    }

    private void Tidy(DateTimeOffset now)
    {
        if (!_tidying.IsDue(now))
            return;
        foreach (var entry in _paces.Where(entry => now >= entry.Value.PolledAt + Session.Lifetime))
            _paces.TryRemove(entry);
    }

    private readonly record struct Pace(DateTimeOffset PolledAt, TimeSpan Interval, bool TooSoon);
}
