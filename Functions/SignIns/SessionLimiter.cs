namespace TokenBroker.SignIns;

/// <summary>
/// Keeps one address from filling the storage with sessions: a number in five minutes at each instance, far above what a household or a
/// school needs. This machine's own addresses are not limited: deployed, no caller has one.
/// </summary>
public sealed class SessionLimiter(TimeProvider time)
{
    /// <summary>The sessions that one address may begin within <see cref="Window"/>.</summary>
    public const int MaxSessions = 600;

    /// <summary>How long a session counts.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    private readonly WindowCounter _sessions = new(Window, time);

    /// <summary>Counts a session, if it may begin.</summary>
    /// <param name="address">The client's address.</param>
    /// <param name="wait">How long the address must wait, when it may not.</param>
    /// <returns>Whether the session may begin.</returns>
    internal bool TryBegin(string address, out TimeSpan wait)
    {
        wait = TimeSpan.Zero;
        if (IPAddress.TryParse(address, out var ip) && IPAddress.IsLoopback(ip))
            return true;
        lock (_sessions)
        {
            wait = _sessions.WaitUntilBelow(MaxSessions, address) ?? TimeSpan.Zero;
            if (wait == TimeSpan.Zero)
                _sessions.Add(address);
        }
        return wait == TimeSpan.Zero;
    }
}
