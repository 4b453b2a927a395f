using TokenBroker.Storage;

namespace TokenBroker.Tests.Infrastructure;

/// <summary>A store behind which a test changes one thing.</summary>
internal abstract class StoreDecorator(ISessionStore store) : ISessionStore
{
    public virtual Task PrepareAsync(CancellationToken cancellation) => store.PrepareAsync(cancellation);

    public virtual Task CheckAsync(CancellationToken cancellation) => store.CheckAsync(cancellation);

    public virtual Task AddAsync(Session session, CancellationToken cancellation) => store.AddAsync(session, cancellation);

    public virtual Task<Session?> FindAsync(SessionId id, CancellationToken cancellation) => store.FindAsync(id, cancellation);

    public virtual Task<Session?> TryUpdateAsync(Session session, CancellationToken cancellation) =>
        store.TryUpdateAsync(session, cancellation);

    public virtual Task<bool> TryAddEntryAsync(CodeEntry entry, CancellationToken cancellation) =>
        store.TryAddEntryAsync(entry, cancellation);

    public virtual Task<CodeEntry?> FindEntryAsync(string rowKey, CancellationToken cancellation) =>
        store.FindEntryAsync(rowKey, cancellation);

    public virtual Task<bool> TryRedeemAsync(CodeEntry entry, CancellationToken cancellation) =>
        store.TryRedeemAsync(entry, cancellation);

    public virtual Task<IReadOnlyList<Failure>> AddFailureAsync(string tag, Failure failure, CancellationToken cancellation) =>
        store.AddFailureAsync(tag, failure, cancellation);

    public virtual Task<int?> SweepAsync(DateTimeOffset now, int limit, CancellationToken cancellation) =>
        store.SweepAsync(now, limit, cancellation);
}
