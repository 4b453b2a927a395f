namespace TokenBroker.Limits;

/// <summary>A code that was wrong.</summary>
/// <param name="Id">Tells this failure from all others, so that it counts once however it becomes known.</param>
/// <param name="At">When it was.</param>
public readonly record struct FailedCode(string Id, DateTimeOffset At)
{
    /// <summary>A failure that has just happened.</summary>
    /// <param name="now">The present.</param>
    /// <returns>A failure with an id of its own.</returns>
    public static FailedCode New(DateTimeOffset now) => new(Guid.NewGuid().ToString("N"), now);
}

/// <summary>What one client address has tried: its failures, and the tries under way, each of which may become one.</summary>
internal sealed class Caller
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, DateTimeOffset> _failures = [];
    private TaskCompletionSource? _changed;
    private int _underWay;
    private bool _forgotten;

    /// <summary>
    /// Takes one of the tries that are left. Where all of them are under way it waits until one has ended: so a player is never refused for
    /// others who collect at the same moment, and nobody gets more tries by making them at once.
    /// </summary>
    /// <returns>Nothing, when the try may be made; how long to wait, when none is left; no answer, when this caller was forgotten meanwhile.</returns>
    public async Task<(bool Taken, TimeSpan? Wait)> TakeAsync(Func<int> allowed, TimeProvider time, CancellationToken cancellation)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (_forgotten)
                    return (false, null);
                var now = time.GetUtcNow();
                Forget(now);
                var most = allowed();
                if (_failures.Count >= most)
                    return (false, _failures.Values.Order().ElementAt(_failures.Count - most) + FailureLimiter.Window - now);
                if (_failures.Count + _underWay < most)
                {
                    _underWay++;
                    return (true, null);
                }
                changed = (_changed ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }
            await changed.WaitAsync(cancellation);
        }
    }

    /// <summary>Ends a try as a failure.</summary>
    public void Fail(FailedCode failure)
    {
        lock (_lock)
        {
            _failures.TryAdd(failure.Id, failure.At);
            EndLocked();
        }
    }

    /// <summary>Ends a try that was none: its code was right.</summary>
    public void End()
    {
        lock (_lock)
            EndLocked();
    }

    /// <summary>Counts failures, each once.</summary>
    public void Count(IEnumerable<FailedCode> failures)
    {
        lock (_lock)
        {
            foreach (var failure in failures)
                _failures.TryAdd(failure.Id, failure.At);
        }
    }

    /// <summary>Whether nothing is known of this caller any more; then it takes no tries, and another takes its place.</summary>
    public bool TryForget(DateTimeOffset now)
    {
        lock (_lock)
        {
            Forget(now);
            return _forgotten = _failures.Count == 0 && _underWay == 0;
        }
    }

    private void EndLocked()
    {
        _underWay--;
        // Who waits goes on in a thread of its own, after the lock.
        _changed?.SetResult();
        _changed = null;
    }

    private void Forget(DateTimeOffset now)
    {
        if (_failures.Count == 0)
            return;
        foreach (var failure in _failures.Where(failure => failure.Value + FailureLimiter.Window <= now).ToList())
            _failures.Remove(failure.Key);
    }
}
