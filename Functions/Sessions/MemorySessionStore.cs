using System.Collections.Concurrent;
using System.Globalization;
using Azure;
using TokenBroker.Limits;

namespace TokenBroker.Sessions;

/// <summary>Sessions in this process's memory: for local runs and tests, gone with the process. Only Local registers it.</summary>
internal sealed class MemorySessionStore : ISessionStore
{
    private readonly ConcurrentDictionary<SessionKey, Session> _sessions = new();
    private readonly ConcurrentDictionary<GrantKey, Grant> _grants = new();
    private readonly ConcurrentQueue<(string Address, string App, DateTimeOffset At)> _failures = new();
    private long _version;

    public Task PrepareAsync(CancellationToken cancellation) => Task.CompletedTask;

    public Task CheckAsync(CancellationToken cancellation) => Task.CompletedTask;

    public Task AddAsync(Session session, CancellationToken cancellation)
    {
        _sessions[session.Key] = session with { ETag = NextVersion() };
        return Task.CompletedTask;
    }

    public Task<Session?> FindAsync(SessionKey key, CancellationToken cancellation) => Task.FromResult(_sessions.GetValueOrDefault(key));

    public Task<Session?> TryUpdateAsync(Session session, CancellationToken cancellation)
    {
        var updated = session with { ETag = NextVersion() };
        var won = _sessions.TryGetValue(session.Key, out var stored) && stored.ETag == session.ETag &&
            _sessions.TryUpdate(session.Key, updated, stored);
        return Task.FromResult(won ? updated : null);
    }

    public Task<bool> TryAddAsync(Grant grant, CancellationToken cancellation) =>
        Task.FromResult(_grants.TryAdd(grant.Key, grant with { ETag = NextVersion() }));

    public Task<Grant?> FindAsync(GrantKey key, CancellationToken cancellation) => Task.FromResult(_grants.GetValueOrDefault(key));

    public Task<bool> TryTakeAsync(Grant grant, CancellationToken cancellation) => Task.FromResult(
        _grants.TryGetValue(grant.Key, out var stored) && stored.ETag == grant.ETag && _grants.TryRemove(new(grant.Key, stored)));

    public Task<IReadOnlyList<DateTimeOffset>> AddFailureAsync(string address, string app, DateTimeOffset now, CancellationToken cancellation)
    {
        _failures.Enqueue((address, app, now));
        return Task.FromResult<IReadOnlyList<DateTimeOffset>>(
            [.. _failures.Where(failure => failure.Address == address && now < failure.At + FailureLimiter.Window).Select(failure => failure.At).Order()]);
    }

    public Task<int> CountFailuresAsync(string app, DateTimeOffset now, CancellationToken cancellation) =>
        Task.FromResult(_failures.Count(failure => failure.App == app && now < failure.At + FailureLimiter.Window));

    public Task<int> SweepAsync(DateTimeOffset now, int limit, CancellationToken cancellation)
    {
        while (_failures.TryPeek(out var failure) && failure.At + FailureLimiter.Window <= now)
            _failures.TryDequeue(out _);
        var expired = _sessions.Values.Where(session => Sweeping.IsDue(session, now)).Take(limit).ToList();
        foreach (var session in expired)
        {
            if (session.Grant is not null)
                _grants.TryRemove(session.Grant, out _);
            _sessions.TryRemove(session.Key, out _);
        }
        return Task.FromResult(expired.Count);
    }

    private ETag NextVersion() => new(Interlocked.Increment(ref _version).ToString(CultureInfo.InvariantCulture));
}
