namespace TokenBroker.Storage;

/// <summary>
/// Where sessions, code entries and failures are kept. Sessions and code entries are found by point reads only, and the store alone
/// decides which of several changes wins. Every method stops waiting when <c>cancellation</c> asks for it.
/// </summary>
public interface ISessionStore
{
    /// <summary>Makes the store ready; called at start.</summary>
    Task PrepareAsync(CancellationToken cancellation);

    /// <summary>Fails unless the store can be read.</summary>
    Task CheckAsync(CancellationToken cancellation);

    /// <summary>Stores a new session: 1 write.</summary>
    Task AddAsync(Session session, CancellationToken cancellation);

    /// <summary>Reads a session: 1 read. The caller checks whether it has expired.</summary>
    /// <returns>The session; null when there is none.</returns>
    Task<Session?> FindAsync(SessionId id, CancellationToken cancellation);

    /// <summary>Replaces a session unless it has changed since it was read: 1 conditional write.</summary>
    /// <param name="session">The session with the ETag it was read with.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The session with its new ETag; null when another change, or the sweep, was first.</returns>
    Task<Session?> TryUpdateAsync(Session session, CancellationToken cancellation);

    /// <summary>Stores a new code entry: 1 write.</summary>
    /// <returns>False when another entry has the same code.</returns>
    Task<bool> TryAddEntryAsync(CodeEntry entry, CancellationToken cancellation);

    /// <summary>Reads a code entry: 1 read. The caller checks whether it has expired.</summary>
    /// <returns>The entry; null when there is none.</returns>
    Task<CodeEntry?> FindEntryAsync(string rowKey, CancellationToken cancellation);

    /// <summary>Removes a code entry as it was read: 1 conditional delete, which exactly one caller wins.</summary>
    /// <param name="entry">The entry with the ETag it was read with.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Whether this call removed it.</returns>
    Task<bool> TryRedeemAsync(CodeEntry entry, CancellationToken cancellation);

    /// <summary>Adds a failure to a row of its own for each tag: 1 write, 2 reads (3 shortly before a time bucket ends).</summary>
    /// <param name="tag">What stands for the client's address, and for what has failed.</param>
    /// <param name="failure">The failure.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The failures of the tag that still count, this one included, also those of instances whose clock is ahead.</returns>
    Task<IReadOnlyList<Failure>> AddFailureAsync(string tag, Failure failure, CancellationToken cancellation);

    /// <summary>Removes expired sessions, their code entries, and failures that no longer count.</summary>
    /// <param name="now">The present.</param>
    /// <param name="limit">The most sessions to remove, and the most failures.</param>
    /// <param name="cancellation">Stops between removals.</param>
    /// <returns>How many sessions were removed; null when another sweep is at work.</returns>
    Task<int?> SweepAsync(DateTimeOffset now, int limit, CancellationToken cancellation);
}

/// <summary>Something that a stranger tried and that failed: a code that was wrong, or a token that a provider refused.</summary>
/// <param name="Id">Tells this failure from all others, so that it counts once, whoever reports it.</param>
/// <param name="At">When it was.</param>
public sealed record Failure(string Id, DateTimeOffset At)
{
    /// <summary>How long a failure counts.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    /// <summary>A failure that has just happened.</summary>
    /// <param name="now">The present.</param>
    /// <returns>A failure with an id of its own.</returns>
    public static Failure New(DateTimeOffset now) => new(Guid.NewGuid().ToString("N"), now);

    /// <summary>Whether it still counts.</summary>
    /// <param name="now">The present.</param>
    /// <returns>Whether it is younger than <see cref="Window"/>.</returns>
    public bool Counts(DateTimeOffset now) => now < At + Window;
}
