namespace TokenBroker.SignIns;

/// <summary>
/// How often devices may poll (RFC 8628 §3.5). It is kept in memory, so that a poll writes nothing; each instance counts for itself
/// (docs/decisions/0007).
/// </summary>
public sealed class PollPace(TimeProvider time)
{
    /// <summary><c>interval</c> of RFC 8628 §3.2: the seconds between two polls to begin with.</summary>
    public const int Seconds = 5;

    /// <summary>What each <c>slow_down</c> adds (RFC 8628 §3.5).</summary>
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(5);

    /// <summary>A client that adds five seconds each time is here at the latest, and is told <c>slow_down</c> no more.</summary>
    private static readonly TimeSpan Slowest = TimeSpan.FromSeconds(20);

    /// <summary>How much sooner a poll may come: networks deliver some requests faster than others.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(1);

    private readonly WindowCounter _polls = new(Session.Lifetime, time);
    private readonly WindowCounter _slowDowns = new(Session.Lifetime, time);

    /// <summary>Counts a poll.</summary>
    /// <param name="device">The row key of the device's session.</param>
    /// <returns>
    /// Whether it came in time. One that came too soon makes the interval longer; it is measured from the last poll that came in time, so
    /// that who keeps to the new interval is never told again.
    /// </returns>
    internal bool TryPoll(string device)
    {
        var slowed = TimeSpan.FromSeconds(Seconds) + (Step * _slowDowns.Count(device));
        var interval = slowed < Slowest ? slowed : Slowest;
        if (_polls.Last(device) is { } last && time.GetUtcNow() < last + interval - Tolerance)
        {
            // No more than it takes to be slowest: a flood of polls must not fill the memory.
            if (interval < Slowest)
                _slowDowns.Add(device);
            return false;
        }
        _polls.Add(device);
        return true;
    }
}
