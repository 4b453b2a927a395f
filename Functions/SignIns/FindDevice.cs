namespace TokenBroker.SignIns;

/// <summary>The session that a user code leads to (RFC 8628 §3.3).</summary>
public sealed class FindDevice(CodeEntries entries, ISessionStore store, AppCatalog apps)
{
    /// <summary>The session that a user code leads to, however far it has come.</summary>
    internal sealed record Device(UserCode Code, SessionId Id, Session Session, App App);

    /// <summary>Finds the session that a user code leads to: 2 reads.</summary>
    /// <returns>The device; null when the code is unknown or expired.</returns>
    internal async Task<Device?> RunAsync(UserCode code, CancellationToken cancellation)
    {
        var entry = await entries.FindAsync(code.EntryCode, cancellation);
        var content = entry?.Open(code.EntryCode);
        var id = content is null ? null : SessionId.TryParse(Encoding.ASCII.GetString(content));
        var session = id is null ? null : await store.FindAsync(id, cancellation);
        var app = session is null ? null : apps.Find(session.App);
        return app is null ? null : new(code, id!, session!, app);
    }
}
