using TokenBroker.Apps;
using TokenBroker.Storage;

namespace TokenBroker.SignIns;

/// <summary>The player enters the user code that the game shows (RFC 8628 §3.3).</summary>
public sealed class FindDevice(CodeEntries entries, ISessionStore store, AppCatalog apps, FailureLimiter failures)
{
    /// <summary>How the search ends: one of the cases inside.</summary>
    internal abstract record Outcome
    {
        /// <summary>The device's session, however far it has come.</summary>
        public sealed record Found(UserCode Code, SessionId Id, Session Session, App App) : Outcome;

        /// <summary>The code is unknown or expired, and counts as a failure.</summary>
        public sealed record UnknownOrExpired : Outcome;

        /// <summary>The address has entered too many wrong codes.</summary>
        public sealed record TooManyFailures(TimeSpan Wait) : Outcome;
    }

    /// <summary>Finds the session that a user code leads to: 2 reads.</summary>
    /// <param name="typed">What the player typed.</param>
    /// <param name="address">The client's address, whose failures are counted.</param>
    /// <param name="cancellation">Ends the wait.</param>
    internal async Task<Outcome> RunAsync(string typed, string address, CancellationToken cancellation)
    {
        using var attempt = await failures.TryEnterAsync(address, app: "", cancellation);
        if (attempt is null)
            return new Outcome.TooManyFailures(failures.WaitOf(address, app: ""));
        var code = UserCode.TryParse(typed);
        var found = code is null ? null : await FindAsync(code, cancellation);
        if (found is not null)
        {
            attempt.Succeeded();
            return found;
        }
        await attempt.FailedAsync();
        return new Outcome.UnknownOrExpired();
    }

    private async Task<Outcome.Found?> FindAsync(UserCode code, CancellationToken cancellation)
    {
        var entry = await entries.FindAsync(code.EntryCode, cancellation);
        var content = entry?.Open(code.EntryCode);
        var id = content is null ? null : SessionId.TryParse(Encoding.ASCII.GetString(content));
        var session = id is null ? null : await store.FindAsync(id, cancellation);
        var app = session is null ? null : apps.Find(session.App);
        return app is null ? null : new(code, id!, session!, app);
    }
}
