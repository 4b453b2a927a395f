using Azure;

namespace TokenBroker.Storage;

/// <summary>Sessions in this process's memory: for local runs and tests, gone with the process. Only Local registers it.</summary>
internal sealed class MemorySessionStore : ISessionStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Session> _sessions = [];
    private readonly Dictionary<string, CodeEntry> _entries = [];
    private readonly Dictionary<string, List<Failure>> _failures = [];
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

    public Task<IReadOnlyList<Failure>> AddFailureAsync(string tag, Failure failure, CancellationToken cancellation) =>
        Locked<IReadOnlyList<Failure>>(() =>
        {
            _failures.TryAdd(tag, []);
            _failures[tag].Add(failure);
            return [.. _failures[tag].Where(known => known.Counts(failure.At))];
        });

    public Task<int?> SweepAsync(DateTimeOffset now, int limit, CancellationToken cancellation) => Locked<int?>(() =>
    {
        foreach (var (tag, _) in _failures.Where(known => !known.Value.Exists(failure => failure.Counts(now))).ToList())
            _failures.Remove(tag);
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
