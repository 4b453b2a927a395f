using TokenBroker.Apps;
using TokenBroker.OAuth;
using TokenBroker.Storage;

namespace TokenBroker.SignIns;

/// <summary>A game polls for the tokens of a device (RFC 8628 §3.4 and §3.5).</summary>
public sealed class PollDevice(
    ISessionStore store, CodeEntries entries, FailureLimiter failures, PollPace pace, TokenHandover handover, TimeProvider time)
{
    private static readonly TokenOutcome UnknownExpiredOrUsed = new TokenOutcome.Refused(TokenRefusal.UnknownExpiredOrUsed);

    /// <summary>Answers a poll: 1 read while nothing has changed; 2 reads, a delete and a write to redeem.</summary>
    internal async Task<TokenOutcome> RunAsync(App app, DeviceCode code, CancellationToken cancellation)
    {
        if (code.SessionId.IsExpired(time.GetUtcNow()))
            return new TokenOutcome.Refused(TokenRefusal.DeviceCodeExpired);
        var session = await store.FindAsync(code.SessionId, cancellation);
        if (session is not { IsForDevice: true } || session.App != app.Name)
            return UnknownExpiredOrUsed;
        return session.Status switch
        {
            SessionStatus.Declined => new TokenOutcome.Refused(TokenRefusal.Declined),
            SessionStatus.Failed => new TokenOutcome.ProviderFailed(ProviderFailure.Trouble),
            SessionStatus.Redeemed => UnknownExpiredOrUsed,
            SessionStatus.Claimed => await PollClaimedAsync(app, session, code, cancellation),
            _ => Wait(session),
        };
    }

    /// <summary>
    /// Without an entry the sign-in is being completed, another poll has just redeemed it, or the process that completed it died.
    /// </summary>
    private async Task<TokenOutcome> PollClaimedAsync(App app, Session session, DeviceCode code, CancellationToken cancellation)
    {
        var entry = await entries.FindAsync(AccessCode.Of(code.SessionId).Text, cancellation);
        if (entry is not null)
            return await RedeemAsync(app, session, entry, code, cancellation);
        var isOver = failures.WasRedeemed(session.RowKey) || time.GetUtcNow() >= session.ClaimedAt + Session.MaxCompletionTime;
        return isOver ? UnknownExpiredOrUsed : Wait(session);
    }

    /// <summary>Hands over the tokens at once, however fast the game polls.</summary>
    private async Task<TokenOutcome> RedeemAsync(
        App app, Session session, CodeEntries.FoundEntry found, DeviceCode code, CancellationToken cancellation)
    {
        var content = CodeEntryContent.Open(found, DeviceCode.TokenSecretOf(code.SessionId));
        if (content is null)
            return UnknownExpiredOrUsed;
        failures.RememberRedeemed(session.RowKey);
        var tokens = await handover.RedeemAsync(app, found.Entry, content, cancellation);
        if (tokens is null)
            return UnknownExpiredOrUsed;
        await MarkRedeemedAsync(session);
        return new TokenOutcome.Issued(tokens);
    }

    private TokenOutcome.Refused Wait(Session session) =>
        new(pace.TryPoll(session.RowKey) ? TokenRefusal.AuthorizationPending : TokenRefusal.SlowDown);

    /// <summary>Tells the browser's page and later polls. The game has its tokens whether or not this works.</summary>
    private async Task MarkRedeemedAsync(Session session)
    {
        try
        {
            await store.TryUpdateAsync(session with { Status = SessionStatus.Redeemed }, CancellationToken.None);
        }
#pragma warning disable CA1031 // The tokens are redeemed, and must reach the game.
        catch (Exception)
#pragma warning restore CA1031
        {
            // Soon after the claim, a missing entry says the same.
        }
    }
}
