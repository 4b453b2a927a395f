using Microsoft.Extensions.Logging;
using TokenBroker.Apps;
using TokenBroker.OAuth;
using TokenBroker.Secrets;

namespace TokenBroker.Sessions;

/// <summary>
/// Finishes a sign-in: claims the session, exchanges the provider's code, stores the grant. Once begun it runs to its end, whether or
/// not the browser waits: the provider's code can be spent only once.
/// </summary>
public sealed partial class SignIn(
    ISessionStore store, ISecrets secrets, ProviderClient provider, BrokerMetrics metrics, TimeProvider time, ILogger<SignIn> logger)
{
    /// <summary>The longest from claim to grant: the provider's 10 s, then the write with its retries. A claim that old without a grant will have none.</summary>
    internal static readonly TimeSpan MaxDuration = TimeSpan.FromSeconds(45);

    /// <summary>How often another code is drawn when the drawn one is in use: with 2^46 codes, once is already rare.</summary>
    private const int MaxDraws = 5;

    /// <summary>What became of a sign-in: finished, with a receipt for the browser; expired; failed; or, with none of these, claimed by another request.</summary>
    internal readonly record struct Outcome(Receipt? Receipt = null, bool Expired = false, OAuthError? Error = null);

    /// <summary>Claims the session and, as the one request that could, finishes it: 2 writes.</summary>
    internal async Task<Outcome> FinishAsync(App app, Session pending, SessionId id, string code)
    {
        // Everything that is needed is at hand before the session is claimed: a vault that is down costs the player a retry, not the session.
        await secrets.ClientSecretAsync(app, CancellationToken.None);
        var key = (await secrets.ProtectionKeysAsync(CancellationToken.None)).Current(time.GetUtcNow());
        var waitsUnder = Code(pending, id, draw: 0);
        if (await store.TryUpdateAsync(pending.Claim(key.GrantKey(waitsUnder), draw: 0, time.GetUtcNow()), CancellationToken.None) is not { } session)
            return new();

        var result = await provider.ExchangeAsync(app, code, id, session.Scopes);
        if (result.Token is not { } token)
            return await FailAsync(app, session, result.Error!);

        var content = new GrantContent(app.Name, session.CodeChallenge, session.Scopes, token);
        while (true)
        {
            var grant = content.Seal(session.Grant!.Value, key, waitsUnder, session.ExpiresAt);
            if (grant.ProtectedContent.Length > Grant.MaxContentLength)
                return await FailAsync(app, session, OAuthError.ProviderTrouble);
            // A grant written after its session's end might outlive the sweep that looks for it.
            if (session.IsExpired(time.GetUtcNow()))
                return new(Expired: true);
            if (await store.TryAddAsync(grant, CancellationToken.None))
            {
                metrics.SessionCompleted(app.Name, "ok");
                Log.Finished(logger, app.Name);
                return new(Receipt.For(id, app.Name, session.IsForDevice ? null : session.Draw, key));
            }
            var draw = session.Draw + 1;
            if (session.IsForDevice || draw == MaxDraws)
                throw new InvalidOperationException("No free access code was found.");
            // The code is in use. The session must know of the next one first, so that no grant is ever without its session.
            waitsUnder = Code(session, id, draw);
            if (await store.TryUpdateAsync(session.Claim(key.GrantKey(waitsUnder), draw, time.GetUtcNow()), CancellationToken.None) is not { } redrawn)
                return new(Expired: true);
            session = redrawn;
        }
    }

    /// <summary>The receipt of the sign-in that this browser has finished; null when its cookie holds none that was written here.</summary>
    internal async ValueTask<Receipt?> ReceiptAsync(SessionCookie cookie, CancellationToken cancellation) =>
        cookie.Receipt is { } receipt && receipt.IsFor(cookie.Id, (await secrets.ProtectionKeysAsync(cancellation)).ForGrants(time.GetUtcNow())) ? receipt : null;

    /// <summary>What the tokens wait under: the code that the player types, or what the waiting device derives.</summary>
    private static byte[] Code(Session session, SessionId id, int draw) => session.IsForDevice ? id.DeviceGrantCode() : id.AccessCode(draw).ToBytes();

    private async Task<Outcome> FailAsync(App app, Session session, OAuthError error)
    {
        await store.TryUpdateAsync(session with { Status = SessionStatus.Failed, Grant = null }, CancellationToken.None);
        metrics.SessionCompleted(app.Name, "failed");
        Log.Failed(logger, app.Name, error.Error);
        return new(Error: error);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Sign-in finished for app {App}")]
        public static partial void Finished(ILogger logger, string app);

        [LoggerMessage(2, LogLevel.Warning, "Sign-in failed for app {App}: {Error}")]
        public static partial void Failed(ILogger logger, string app, string error);
    }
}
