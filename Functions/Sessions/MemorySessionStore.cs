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
    private readonly ConcurrentQueue<(string AddressTag, string App, FailedCode Failure)> _failures = new();
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

    public Task<IReadOnlyList<FailedCode>> AddFailureAsync(string addressTag, string app, FailedCode failure, CancellationToken cancellation)
    {
        _failures.Enqueue((addressTag, app, failure));
        return Task.FromResult<IReadOnlyList<FailedCode>>(
            [.. _failures.Where(known => known.AddressTag == addressTag && IsRecent(known.Failure, failure.At)).Select(known => known.Failure)]);
    }

    public Task<int> CountFailuresAsync(string app, DateTimeOffset now, CancellationToken cancellation) =>
        Task.FromResult(_failures.Count(known => known.App == app && IsRecent(known.Failure, now)));

    public Task<int> SweepAsync(DateTimeOffset now, int limit, CancellationToken cancellation)
    {
        while (_failures.TryPeek(out var known) && !IsRecent(known.Failure, now))
            _failures.TryDequeue(out _);
        var expired = _sessions.Select(entry => entry.Value).Where(session => Sweeping.IsDue(session, now)).Take(limit).ToList();
        foreach (var session in expired)
        {
            foreach (var grant in new[] { session.Grant, session.UserCode }.OfType<GrantKey>())
                _grants.TryRemove(grant, out _);
            _sessions.TryRemove(session.Key, out _);
        }
        return Task.FromResult(expired.Count);
    }

    private static bool IsRecent(FailedCode failure, DateTimeOffset now) => now < failure.At + FailureLimiter.Window;

    private ETag NextVersion() => new(Interlocked.Increment(ref _version).ToString(CultureInfo.InvariantCulture));
}
