namespace TokenBroker.SignIns;

/// <summary>
/// A game begins a device's sign-in (RFC 8628 §3.1): a session like any other, to which a user code leads (docs/decisions/0007).
/// </summary>
public sealed partial class BeginDevice(
    ISessionStore store, ISecrets secrets, Sweeper sweeper, BrokerMetrics metrics, TimeProvider time, ILogger<BeginDevice> logger)
{
    /// <summary>How many user codes are tried when the first is in use: of 2^34 codes, one is already a rare case.</summary>
    private const int MaxTries = 5;

    /// <summary>Creates the session and its user code's entry: 2 writes.</summary>
    /// <param name="app">The app.</param>
    /// <param name="choices">Where the player can sign in.</param>
    /// <param name="asked">The scopes that the game asks for.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>What the game polls with, and what it shows to the player.</returns>
    internal async Task<(DeviceCode DeviceCode, UserCode UserCode)> RunAsync(
        App app, IReadOnlyList<Choice> choices, IReadOnlyList<string> asked, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var key = (await secrets.ProtectionKeysAsync(cancellation)).Current(now);
        sweeper.SweepInBackground();
        // Of several the player chooses one on the page; what is asked for there follows from the choice.
        var only = choices is [var single] ? single : null;
        for (var tries = 0; tries < MaxTries; tries++)
        {
            var (deviceCode, userCode) = (DeviceCode.New(now), UserCode.New());
            if (!await TryStoreAsync(Begin(deviceCode.SessionId), deviceCode.SessionId, userCode.EntryCode, key, cancellation))
                continue;
            metrics.SessionCreated(app.Name);
            Log.Created(logger, app.Name);
            return (deviceCode, userCode);
        }
        throw new InvalidOperationException("No free user code was found.");

        Session Begin(SessionId id) =>
            Session.Begin(id, app.Name, only?.Scopes ?? asked) with { Provider = only?.Registration.Name };
    }

    /// <summary>
    /// Stores both; the session first: it alone knows where the entry is, and no entry may outlive the sweep of its session.
    /// </summary>
    private async Task<bool> TryStoreAsync(
        Session begun, SessionId id, string code, ProtectionKey key, CancellationToken cancellation)
    {
        var entry = CodeEntries.Seal(code, code, Encoding.ASCII.GetBytes(id.Text), key, id.BeganAt + Session.Lifetime);
        await store.AddAsync(begun with { UserCodeEntryKey = entry.RowKey }, cancellation);
        if (await store.TryAddEntryAsync(entry, cancellation))
            return true;
        // The user code is another session's. This session must not take it along when it is swept.
        if (await store.FindAsync(id, cancellation) is { } session)
            await store.TryUpdateAsync(session with { UserCodeEntryKey = null, Status = SessionStatus.Failed }, cancellation);
        return false;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Session created for a device of app {App}")]
        public static partial void Created(ILogger logger, string app);
    }
}
