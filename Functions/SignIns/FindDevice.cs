namespace TokenBroker.SignIns;

/// <summary>The player enters the user code that the game shows (RFC 8628 §3.3).</summary>
public sealed class FindDevice(CodeEntries entries, ISessionStore store, AppCatalog apps)
{
    /// <summary>The session that a user code leads to, however far it has come.</summary>
    internal sealed record Device(UserCode Code, SessionId Id, Session Session, App App);

    /// <summary>Finds the session that a user code leads to: 2 reads.</summary>
    /// <param name="typed">What the player typed.</param>
    /// <param name="attempt">The attempt of the client's address, which counts if the code is wrong.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The device; null when the code is unknown or expired.</returns>
    internal async Task<Device?> RunAsync(string typed, FailureLimiter.Attempt attempt, CancellationToken cancellation)
    {
        var code = UserCode.TryParse(typed);
        var device = code is null ? null : await FindAsync(code, cancellation);
        if (device is null)
            await attempt.FailedAsync();
        else
            attempt.Succeeded();
        return device;
    }

    private async Task<Device?> FindAsync(UserCode code, CancellationToken cancellation)
    {
        var entry = await entries.FindAsync(code.EntryCode, cancellation);
        var content = entry?.Open(code.EntryCode);
        var id = content is null ? null : SessionId.TryParse(Encoding.ASCII.GetString(content));
        var session = id is null ? null : await store.FindAsync(id, cancellation);
        var app = session is null ? null : apps.Find(session.App);
        return app is null ? null : new(code, id!, session!, app);
    }
}
