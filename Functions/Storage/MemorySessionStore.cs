using Azure;

namespace TokenBroker.Storage;

/// <summary>Sessions in this process's memory: for local runs and tests, gone with the process. Only Local registers it.</summary>
internal sealed class MemorySessionStore : ISessionStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Session> _sessions = [];
    private readonly Dictionary<string, CodeEntry> _entries = [];
    private readonly List<(string AddressTag, string App, FailedCode Failure)> _failures = [];
    private long _version;

    public Task PrepareAsync(CancellationToken cancellation) => Task.CompletedTask;

    public Task CheckAsync(CancellationToken cancellation) => Task.CompletedTask;

    public Task AddAsync(Session session, CancellationToken cancellation) => Locked(() => Stored(session));

    public Task<Session?> FindAsync(SessionId id, CancellationToken cancellation) => Locked(() => _sessions.GetValueOrDefault(id.RowKey));

    public Task<Session?> TryUpdateAsync(Session session, CancellationToken cancellation) =>
        Locked(() => _sessions.GetValueOrDefault(session.RowKey)?.ETag == session.ETag ? Stored(session) : null);

    public Task<bool> TryAddEntryAsync(CodeEntry entry, CancellationToken cancellation) =>
        Locked(() => _entries.TryAdd(entry.RowKey, entry with { ETag = NewETag() }));

    public Task<CodeEntry?> FindEntryAsync(string rowKey, CancellationToken cancellation) =>
        Locked(() => _entries.GetValueOrDefault(rowKey));

    public Task<bool> TryRedeemAsync(CodeEntry entry, CancellationToken cancellation) =>
        Locked(() => _entries.GetValueOrDefault(entry.RowKey)?.ETag == entry.ETag && _entries.Remove(entry.RowKey));

    public Task<IReadOnlyList<FailedCode>> AddFailureAsync(
        string addressTag, string app, FailedCode failure, CancellationToken cancellation) => Locked<IReadOnlyList<FailedCode>>(() =>
    {
        _failures.Add((addressTag, app, failure));
        var counting = _failures.Where(known => known.AddressTag == addressTag && known.Failure.Counts(failure.At));
        return [.. counting.Select(known => known.Failure)];
    });

    public Task<int> CountFailuresAsync(string app, DateTimeOffset now, CancellationToken cancellation) =>
        Locked(() => _failures.Count(known => known.App == app && known.Failure.Counts(now)));

    public Task<int> SweepAsync(DateTimeOffset now, int limit, CancellationToken cancellation) => Locked(() =>
    {
        _failures.RemoveAll(known => !known.Failure.Counts(now));
        var expired = _sessions.Values.Where(session => session.MayBeSwept(now)).Take(limit).ToList();
        foreach (var session in expired)
        {
            _entries.Remove(session.CodeEntryKey ?? "");
            _entries.Remove(session.UserCodeEntryKey ?? "");
            _sessions.Remove(session.RowKey);
        }
        return expired.Count;
    });

    private Session Stored(Session session) => _sessions[session.RowKey] = session with { ETag = NewETag() };

    private ETag NewETag() => new((++_version).ToString(CultureInfo.InvariantCulture));

    private Task<T> Locked<T>(Func<T> operation)
    {
        lock (_lock)
            return Task.FromResult(operation());
    }
}
