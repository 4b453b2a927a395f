using TokenBroker.Limits;
using TokenBroker.Sessions;

namespace TokenBroker.Tests.Infrastructure;

/// <summary>A store behind which a test changes one thing.</summary>
internal abstract class StoreDecorator(ISessionStore store) : ISessionStore
{
    public virtual Task PrepareAsync(CancellationToken cancellation) => store.PrepareAsync(cancellation);

    public virtual Task CheckAsync(CancellationToken cancellation) => store.CheckAsync(cancellation);

    public virtual Task AddAsync(Session session, CancellationToken cancellation) => store.AddAsync(session, cancellation);

    public virtual Task<Session?> FindAsync(SessionKey key, CancellationToken cancellation) => store.FindAsync(key, cancellation);

    public virtual Task<Session?> TryUpdateAsync(Session session, CancellationToken cancellation) => store.TryUpdateAsync(session, cancellation);

    public virtual Task<bool> TryAddAsync(Grant grant, CancellationToken cancellation) => store.TryAddAsync(grant, cancellation);

    public virtual Task<Grant?> FindAsync(GrantKey key, CancellationToken cancellation) => store.FindAsync(key, cancellation);

    public virtual Task<bool> TryTakeAsync(Grant grant, CancellationToken cancellation) => store.TryTakeAsync(grant, cancellation);

    public virtual Task<IReadOnlyList<FailedCode>> AddFailureAsync(string addressTag, string app, FailedCode failure, CancellationToken cancellation) =>
        store.AddFailureAsync(addressTag, app, failure, cancellation);

    public virtual Task<int> CountFailuresAsync(string app, DateTimeOffset now, CancellationToken cancellation) =>
        store.CountFailuresAsync(app, now, cancellation);

    public virtual Task<int> SweepAsync(DateTimeOffset now, int limit, CancellationToken cancellation) => store.SweepAsync(now, limit, cancellation);
}
