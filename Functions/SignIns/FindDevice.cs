namespace TokenBroker.SignIns;

/// <summary>The session that a user code leads to (RFC 8628 §3.3).</summary>
public sealed class FindDevice(CodeEntries entries, ISessionStore store, AppCatalog apps)
{
    /// <summary>The session that a user code leads to, however far it has come.</summary>
    /// <param name="Code">The user code.</param>
    /// <param name="Id">The session's id.</param>
    /// <param name="Session">The session.</param>
    /// <param name="App">The app.</param>
    /// <param name="Choices">Where the player can sign in: at one provider, unless they are to choose.</param>
    internal sealed record Device(UserCode Code, SessionId Id, Session Session, App App, IReadOnlyList<Choice> Choices)
    {
        /// <summary>Where the player signs in, and what is asked for there; null while they are to choose.</summary>
        public Choice? OnlyChoice => Choices is [var only] ? only : null;
    }

    /// <summary>Finds the session that a user code leads to: 2 reads.</summary>
    /// <returns>The device; null when the code is unknown or expired.</returns>
    internal async Task<Device?> RunAsync(UserCode code, CancellationToken cancellation)
    {
        var entry = await entries.FindAsync(code.EntryCode, cancellation);
        var content = entry?.Open(code.EntryCode);
        var id = content is null ? null : SessionId.TryParse(Encoding.ASCII.GetString(content));
        var session = id is null ? null : await store.FindAsync(id, cancellation);
        var app = session is null ? null : apps.Find(session.App);
        var choices = app?.ChoicesFor(string.Join(' ', session!.Scopes), session.Provider).All;
        return choices is null or [] ? null : new(code, id!, session!, app!, choices);
    }
}
