namespace TokenBroker.Limits;

/// <summary>Something to be done every so often beside requests, by the one that comes first.</summary>
internal sealed class Interval(TimeSpan length)
{
    private long _next;

    /// <summary>Whether it is time, and this caller is the one.</summary>
    public bool IsDue(DateTimeOffset now)
    {
        var due = Volatile.Read(ref _next);
        return now.UtcTicks >= due && Interlocked.CompareExchange(ref _next, (now + length).UtcTicks, due) == due;
    }
}
