using System.Globalization;
using Azure;
using TokenBroker.Limits;

namespace TokenBroker.Sessions;

/// <summary>
/// Sessions in this process's memory: for local runs and tests, gone with the process. Only Local registers it. It keeps sessions by
/// value: a hundred thousand objects that live for five minutes would be moved about by the garbage collector while players wait.
/// </summary>
internal sealed class MemorySessionStore : ISessionStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<SessionKey, Row> _sessions = [];
    private readonly Dictionary<GrantKey, Grant> _grants = [];
    private readonly Queue<(string AddressTag, string App, FailedCode Failure)> _failures = [];
    private long _version;

    public Task PrepareAsync(CancellationToken cancellation) => Task.CompletedTask;

    public Task CheckAsync(CancellationToken cancellation) => Task.CompletedTask;

    public Task AddAsync(Session session, CancellationToken cancellation)
    {
        lock (_lock)
            _sessions[session.Key] = Row.From(session, ++_version);
        return Task.CompletedTask;
    }

    public Task<Session?> FindAsync(SessionKey key, CancellationToken cancellation)
    {
        lock (_lock)
            return Task.FromResult(_sessions.TryGetValue(key, out var row) ? row.ToSession(key) : null);
    }

    public Task<Session?> TryUpdateAsync(Session session, CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (!_sessions.TryGetValue(session.Key, out var row) || row.ETag != session.ETag)
                return Task.FromResult<Session?>(null);
            row = Row.From(session, ++_version);
            _sessions[session.Key] = row;
            return Task.FromResult<Session?>(row.ToSession(session.Key));
        }
    }

    public Task<bool> TryAddAsync(Grant grant, CancellationToken cancellation)
    {
        lock (_lock)
            return Task.FromResult(_grants.TryAdd(grant.Key, grant with { ETag = Tag(++_version) }));
    }

    public Task<Grant?> FindAsync(GrantKey key, CancellationToken cancellation)
    {
        lock (_lock)
            return Task.FromResult(_grants.GetValueOrDefault(key));
    }

    public Task<bool> TryTakeAsync(Grant grant, CancellationToken cancellation)
    {
        lock (_lock)
            return Task.FromResult(_grants.TryGetValue(grant.Key, out var stored) && stored.ETag == grant.ETag && _grants.Remove(grant.Key));
    }

    public Task<IReadOnlyList<FailedCode>> AddFailureAsync(string addressTag, string app, FailedCode failure, CancellationToken cancellation)
    {
        lock (_lock)
        {
            _failures.Enqueue((addressTag, app, failure));
            return Task.FromResult<IReadOnlyList<FailedCode>>(
                [.. _failures.Where(known => known.AddressTag == addressTag && IsRecent(known.Failure, failure.At)).Select(known => known.Failure)]);
        }
    }

    public Task<int> CountFailuresAsync(string app, DateTimeOffset now, CancellationToken cancellation)
    {
        lock (_lock)
            return Task.FromResult(_failures.Count(known => known.App == app && IsRecent(known.Failure, now)));
    }

    public Task<int> SweepAsync(DateTimeOffset now, int limit, CancellationToken cancellation)
    {
        lock (_lock)
        {
            while (_failures.TryPeek(out var known) && !IsRecent(known.Failure, now))
                _failures.Dequeue();
            var expired = _sessions.Where(entry => entry.Value.ExpiresAt <= now).Select(entry => entry.Value.ToSession(entry.Key))
                .Where(session => Sweeping.IsDue(session, now)).Take(limit).ToList();
            foreach (var session in expired)
            {
                foreach (var grant in new[] { session.Grant, session.UserCode }.OfType<GrantKey>())
                    _grants.Remove(grant);
                _sessions.Remove(session.Key);
            }
            return Task.FromResult(expired.Count);
        }
    }

    private static bool IsRecent(FailedCode failure, DateTimeOffset now) => now < failure.At + FailureLimiter.Window;

    private static ETag Tag(long version) => new(version.ToString(CultureInfo.InvariantCulture));

    /// <summary>A session, without its key, and its version.</summary>
    private readonly record struct Row(
        long Version, DateTimeOffset ExpiresAt, string App, IReadOnlyList<string> Scopes, string? CodeChallenge, SessionStatus Status,
        DateTimeOffset? ClaimedAt, GrantKey? Grant, GrantKey? UserCode, string? AcceptedBy, int Draw)
    {
        public ETag ETag => Tag(Version);

        public override string ToString() => nameof(Row);

        public static Row From(Session session, long version) => new(
            version, session.ExpiresAt, session.App, session.Scopes, session.CodeChallenge, session.Status,
            session.ClaimedAt, session.Grant, session.UserCode, session.AcceptedBy, session.Draw);

        public Session ToSession(SessionKey key) => new()
        {
            Key = key,
            ExpiresAt = ExpiresAt,
            App = App,
            Scopes = Scopes,
            CodeChallenge = CodeChallenge,
            Status = Status,
            ClaimedAt = ClaimedAt,
            Grant = Grant,
            UserCode = UserCode,
            AcceptedBy = AcceptedBy,
            Draw = Draw,
            ETag = ETag,
        };
    }
}
