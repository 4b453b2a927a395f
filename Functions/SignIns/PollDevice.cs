namespace TokenBroker.SignIns;

/// <summary>A game polls for the tokens of a device (RFC 8628 §3.4 and §3.5).</summary>
public sealed class PollDevice(
    ISessionStore store, CodeEntries entries, RightCodes rightCodes, PollPace pace, TokenHandover handover, TimeProvider time)
{
    /// <summary>Answers a poll: 1 read while nothing has changed; 2 reads, a delete and a write to redeem.</summary>
    /// <param name="app">The app that the game says it is.</param>
    /// <param name="code">The device code.</param>
    /// <param name="dpopKey">The key that the game has proved (RFC 9449): the first successful poll binds; null without a proof.</param>
    /// <param name="cancellation">Ends the wait.</param>
    internal async Task<Result<TokenReply, TokenRefusal>> RunAsync(
        App app, DeviceCode code, string? dpopKey, CancellationToken cancellation)
    {
        if (!DpopProofs.Suffices(dpopKey, bound: null, app.RequireDpop))
            return TokenRefusal.NotProved;
        if (code.SessionId.IsExpired(time.GetUtcNow()))
            return TokenRefusal.DeviceCodeExpired;
        var session = await store.FindAsync(code.SessionId, cancellation);
        if (session is not { IsForDevice: true } || session.App != app.Name)
            return TokenRefusal.UnknownExpiredOrUsed;
        return session.Status switch
        {
            SessionStatus.Declined => TokenRefusal.Declined,
            SessionStatus.Failed => TokenRefusal.ProviderTrouble,
            SessionStatus.Redeemed => TokenRefusal.UnknownExpiredOrUsed,
            SessionStatus.Claimed => await PollClaimedAsync(app, session, code, dpopKey, cancellation),
            SessionStatus.Pending => Wait(session),
            _ => throw new UnreachableException(),
        };
    }

    /// <summary>
    /// Without an entry the sign-in is being completed, another poll has just redeemed it, or the process that completed it died.
    /// </summary>
    private async Task<Result<TokenReply, TokenRefusal>> PollClaimedAsync(
        App app, Session session, DeviceCode code, string? dpopKey, CancellationToken cancellation)
    {
        var entry = await entries.FindAsync(AccessCode.Of(code.SessionId).Text, cancellation);
        if (entry is not null)
            return await RedeemAsync(app, session, entry, code, dpopKey, cancellation);
        var isOver = rightCodes.Contains(session.RowKey) || time.GetUtcNow() >= session.ClaimedAt + Session.MaxCompletionTime;
        return isOver ? TokenRefusal.UnknownExpiredOrUsed : Wait(session);
    }

    /// <summary>Hands over the tokens at once, however fast the game polls.</summary>
    private async Task<Result<TokenReply, TokenRefusal>> RedeemAsync(
        App app, Session session, CodeEntries.FoundEntry found, DeviceCode code, string? dpopKey,
        CancellationToken cancellation)
    {
        var content = CodeEntryContent.Open(found, DeviceCode.TokenSecretOf(code.SessionId));
        if (content is null || app.Find(content.Provider) is not { } registration)
            return TokenRefusal.UnknownExpiredOrUsed;
        rightCodes.Remember(session.RowKey);
        var tokens = await handover.RedeemAsync(registration, found.Entry, content, dpopKey, cancellation);
        if (tokens is null)
            return TokenRefusal.UnknownExpiredOrUsed;
        await MarkRedeemedAsync(session);
        return tokens;
    }

    private TokenRefusal Wait(Session session) =>
        pace.TryPoll(session.RowKey) ? TokenRefusal.AuthorizationPending : TokenRefusal.SlowDown;

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
