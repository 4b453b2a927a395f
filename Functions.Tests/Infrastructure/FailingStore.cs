using TokenBroker.Storage;

namespace TokenBroker.Tests.Infrastructure;

/// <summary>A store that a test takes down and brings back: it adds and finds no session while it has a failure.</summary>
internal sealed class FailingStore() : StoreDecorator(new MemorySessionStore())
{
    /// <summary>What it throws; null while it works.</summary>
    public Exception? Failure { get; set; }

    public override Task AddAsync(Session session, CancellationToken cancellation) =>
        Failure is null ? base.AddAsync(session, cancellation) : Task.FromException(Failure);

    public override Task<Session?> FindAsync(SessionId id, CancellationToken cancellation) =>
        Failure is null ? base.FindAsync(id, cancellation) : Task.FromException<Session?>(Failure);
}
