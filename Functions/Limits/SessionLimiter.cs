using System.Collections.Concurrent;
using System.Net;

namespace TokenBroker.Limits;

/// <summary>
/// Keeps one address from filling the storage with sessions: so many in five minutes and instance, far above what a household or a school
/// needs. This machine's own addresses are not limited: deployed, no caller has one.
/// </summary>
public sealed class SessionLimiter(TimeProvider time)
{
    /// <summary>The sessions that one address may begin within <see cref="Window"/>.</summary>
    public const int MaxSessions = 600;

    /// <summary>How long the count goes on before it begins anew.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, (DateTimeOffset Since, int Count)> _sessions = new();
    private readonly Interval _tidying = new(Window);

    /// <summary>Counts a session.</summary>
    /// <param name="address">The client's address.</param>
    /// <returns>How long the address must wait; null when the session may begin.</returns>
    internal TimeSpan? Begin(string address)
    {
        if (IPAddress.TryParse(address.Split('/')[0], out var ip) && IPAddress.IsLoopback(ip))
            return null;
        var now = time.GetUtcNow();
        Tidy(now);
        var (since, count) = _sessions.AddOrUpdate(
            address, (now, 1), (_, current) => now >= current.Since + Window ? (now, 1) : (current.Since, current.Count + 1));
        return count > MaxSessions ? since + Window - now : null;
    }

    /// <summary>Drops counts that are over, once in a window, by the one request that comes first.</summary>
    private void Tidy(DateTimeOffset now)
    {
        if (!_tidying.IsDue(now))
            return;
        foreach (var entry in _sessions.Where(entry => now >= entry.Value.Since + Window))
            _sessions.TryRemove(entry);
    }
}
