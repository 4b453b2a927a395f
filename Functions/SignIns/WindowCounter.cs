namespace TokenBroker.SignIns;

/// <summary>Counts events by key over a sliding window of time, in this process's memory.</summary>
internal sealed class WindowCounter(TimeSpan window, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<(string? Id, DateTimeOffset At)>> _events = [];
    private DateTimeOffset _nextCleanup;

    /// <summary>How many keys are held in memory.</summary>
    public int KeyCount => _events.Count;

    /// <summary>Counts an event that happens now.</summary>
    public void Add(string key) => Add(key, id: null, time.GetUtcNow());

    /// <summary>Counts an event; one with an id counts once, however often it is added.</summary>
    public void Add(string key, string? id, DateTimeOffset at)
    {
        lock (_lock)
        {
            CleanUp();
            var events = Recent(key);
            if (id is not null && events.Any(known => known.Id == id))
                return;
            events.Add((id, at));
            _events[key] = events;
        }
    }

    /// <summary>How many events count now.</summary>
    public int Count(string key)
    {
        lock (_lock)
            return Recent(key).Count;
    }

    /// <summary>When the last one was added that still counts; null without any.</summary>
    public DateTimeOffset? Last(string key)
    {
        lock (_lock)
            return Recent(key) is [.., var last] ? last.At : null;
    }

    /// <summary>How long until fewer than <paramref name="most"/> events count; null when that is so now.</summary>
    public TimeSpan? WaitUntilBelow(int most, string key)
    {
        lock (_lock)
        {
            var events = Recent(key);
            if (events.Count < most)
                return null;
            var times = events.Select(known => known.At).Order().ToList();
            return times[events.Count - most] + window - time.GetUtcNow();
        }
    }

    /// <summary>Forgets a key's events.</summary>
    public void Clear(string key)
    {
        lock (_lock)
            _events.Remove(key);
    }

    private List<(string? Id, DateTimeOffset At)> Recent(string key)
    {
        if (!_events.TryGetValue(key, out var events))
            return [];
        var now = time.GetUtcNow();
        events.RemoveAll(known => known.At + window <= now);
        return events;
    }

    /// <summary>Drops keys without recent events, ten times in a window.</summary>
    private void CleanUp()
    {
        var now = time.GetUtcNow();
        if (now < _nextCleanup)
            return;
        _nextCleanup = now + (window / 10);
        foreach (var key in _events.Keys.Where(key => Recent(key).Count == 0).ToList())
            _events.Remove(key);
    }
}
