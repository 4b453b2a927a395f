using TokenBroker.Limits;

namespace TokenBroker.Sessions;

/// <summary>
/// Where sessions, grants and failed codes are kept. Sessions and grants are found by point reads only; every change is decided by the
/// store alone.
/// </summary>
public interface ISessionStore
{
    /// <summary>Makes the store ready; called at start.</summary>
    /// <param name="cancellation">Stops waiting.</param>
    /// <returns>Done when the store can be used.</returns>
    Task PrepareAsync(CancellationToken cancellation);

    /// <summary>Fails unless the store can be read.</summary>
    /// <param name="cancellation">Stops waiting.</param>
    /// <returns>Done when the store has answered.</returns>
    Task CheckAsync(CancellationToken cancellation);

    /// <summary>Stores a new session: 1 write.</summary>
    /// <param name="session">The session.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <returns>Done when it is stored.</returns>
    Task AddAsync(Session session, CancellationToken cancellation);

    /// <summary>Reads a session: 1 read. Expiry is the caller's to check.</summary>
    /// <param name="key">Where it is stored.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <returns>The session; null when there is none.</returns>
    Task<Session?> FindAsync(SessionKey key, CancellationToken cancellation);

    /// <summary>Replaces a session unless it has changed since it was read: 1 conditional write.</summary>
    /// <param name="session">The session with the ETag it was read with.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <returns>The session with its new ETag; null when another change, or the sweeper, was first.</returns>
    Task<Session?> TryUpdateAsync(Session session, CancellationToken cancellation);

    /// <summary>Stores a new grant: 1 write.</summary>
    /// <param name="grant">The grant.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <returns>False when its code is already in use.</returns>
    Task<bool> TryAddAsync(Grant grant, CancellationToken cancellation);

    /// <summary>Reads a grant: 1 read. Expiry is the caller's to check.</summary>
    /// <param name="key">Where it is stored.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <returns>The grant; null when there is none.</returns>
    Task<Grant?> FindAsync(GrantKey key, CancellationToken cancellation);

    /// <summary>Removes a grant as it was read: 1 conditional delete, which exactly one caller wins.</summary>
    /// <param name="grant">The grant with the ETag it was read with.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <returns>Whether this call removed it.</returns>
    Task<bool> TryTakeAsync(Grant grant, CancellationToken cancellation);

    /// <summary>Adds a failed code of a client address: 1 write, 2 queries of the few rows of that address (3 shortly before a bucket ends).</summary>
    /// <param name="addressTag">What stands for the client's address.</param>
    /// <param name="app">The app that the request names; empty when none.</param>
    /// <param name="failure">The failure.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <returns>The failures of the address in the five minutes before, this one included, also those whose clock is ahead.</returns>
    Task<IReadOnlyList<FailedCode>> AddFailureAsync(string addressTag, string app, FailedCode failure, CancellationToken cancellation);

    /// <summary>Counts an app's failed codes of the five minutes before, from all addresses: 1 query.</summary>
    /// <param name="app">The app.</param>
    /// <param name="now">The present.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <returns>How many; counting ends soon after 1,000.</returns>
    Task<int> CountFailuresAsync(string app, DateTimeOffset now, CancellationToken cancellation);

    /// <summary>Removes expired sessions, their grants, and failures that no longer count.</summary>
    /// <param name="now">The present.</param>
    /// <param name="limit">The most sessions to remove, and the most failures.</param>
    /// <param name="cancellation">Stops between removals.</param>
    /// <returns>How many sessions were removed.</returns>
    Task<int> SweepAsync(DateTimeOffset now, int limit, CancellationToken cancellation);
}
