using TokenBroker.Apps;
using TokenBroker.Limits;
using TokenBroker.OAuth;
using TokenBroker.Secrets;

namespace TokenBroker.Sessions;

/// <summary>
/// The device flow (RFC 8628) over a session like any other: a user code leads the player's browser to it, and the game derives its id
/// from the device code and looks how far it has come (docs/decisions/0007).
/// </summary>
public sealed class DeviceSignIn(ISessionStore store, ISecrets secrets, AppCatalog apps, Redemption redemption, FailureLimiter limiter, PollPace pace,
    TimeProvider time)
{
    /// <summary>How often another user code is drawn when the drawn one is in use.</summary>
    private const int MaxDraws = 5;

    /// <summary>Begins a sign-in: 2 writes.</summary>
    internal async Task<(DeviceCode DeviceCode, UserCode UserCode)> StartAsync(App app, IReadOnlyList<string> scopes, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var key = (await secrets.ProtectionKeysAsync(cancellation)).Current(now);
        for (var draw = 1; draw <= MaxDraws; draw++)
        {
            var (deviceCode, userCode) = (DeviceCode.New(now), UserCode.New());
            var place = key.GrantKey(userCode.ToBytes());
            var session = Session.Start(deviceCode.SessionId, app.Name, scopes, codeChallenge: null) with { UserCode = place };
            // The session first: it alone knows where its user code is, and nothing may outlive its sweep.
            await store.AddAsync(session, cancellation);
            if (await store.TryAddAsync(userCode.Seal(deviceCode.SessionId, place, key, session.ExpiresAt), cancellation))
                return (deviceCode, userCode);
            // The code is in use, and stays with its owner: this session must not take it along when it is swept.
            await ForgetUserCodeAsync(deviceCode.SessionId, cancellation);
        }
        throw new InvalidOperationException("No free user code was found.");
    }

    /// <summary>Finds the session that a user code leads to: 2 reads.</summary>
    /// <returns>The session, however far it has come; null when the code is unknown or expired.</returns>
    internal async Task<(SessionId Id, Session Session, App App)?> FindAsync(UserCode code, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        foreach (var key in (await secrets.ProtectionKeysAsync(cancellation)).ForGrants(now))
        {
            if (await store.FindAsync(key.GrantKey(code.ToBytes()), cancellation) is not { } grant)
                continue;
            return now < grant.ExpiresAt && code.Open(grant, key) is { } id && await store.FindAsync(id.Key, cancellation) is { } session &&
                apps.Find(session.App) is { } app
                ? (id, session, app)
                : null;
        }
        return null;
    }

    /// <summary>Answers a poll: 1 read while nothing has changed.</summary>
    /// <returns>The tokens, once; or what RFC 8628 §3.5 says instead.</returns>
    internal async Task<TokenResult> PollAsync(App app, DeviceCode code, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        if (code.IsExpired(now))
            return TokenResult.Failure(OAuthError.ExpiredToken);
        if (await store.FindAsync(code.SessionId.Key, cancellation) is not { IsForDevice: true } session || session.App != app.Name)
            return TokenResult.Failure(OAuthError.InvalidGrant);
        switch (session.Status)
        {
            case SessionStatus.Declined:
                return TokenResult.Failure(OAuthError.AccessDenied);
            case SessionStatus.Failed:
                return TokenResult.Failure(OAuthError.ProviderTrouble);
            case SessionStatus.Collected:
                return TokenResult.Failure(OAuthError.InvalidGrant);
            // Whoever is signed in gets the tokens at once, at whatever pace.
            case SessionStatus.Claimed when await store.FindAsync(session.Grant!.Value, cancellation) is { } grant:
                return await CollectAsync(app, session, grant, code, cancellation);
            // Another poll has just collected; or the claiming request died.
            case SessionStatus.Claimed when limiter.WasUsed(session.Grant!.Value) || now >= session.ClaimedAt + SignIn.MaxDuration:
                return TokenResult.Failure(OAuthError.InvalidGrant);
            default:
                return TokenResult.Failure(pace.IsTooSoon(session.Key) ? OAuthError.SlowDown : OAuthError.AuthorizationPending);
        }
    }

    private async Task<TokenResult> CollectAsync(App app, Session session, Grant grant, DeviceCode code, CancellationToken cancellation)
    {
        var secret = code.SessionId.DeviceGrantCode();
        var keys = await secrets.ProtectionKeysAsync(cancellation);
        if (keys.ForGrants(time.GetUtcNow()).Select(key => GrantContent.Open(grant, key, secret)).FirstOrDefault(content => content is not null) is not { } content)
            return TokenResult.Failure(OAuthError.InvalidGrant);
        limiter.Used(grant.Key);
        if (await redemption.TakeAsync(app, grant, content, cancellation) is not { } token)
            return TokenResult.Failure(OAuthError.InvalidGrant);
        await MarkCollectedAsync(session);
        return TokenResult.Success(token);
    }

    /// <summary>Tells the browser's page and later polls. The game has its tokens whether or not this works.</summary>
    private async Task MarkCollectedAsync(Session session)
    {
        try
        {
            await store.TryUpdateAsync(session with { Status = SessionStatus.Collected }, CancellationToken.None);
        }
#pragma warning disable CA1031 // The tokens are taken, and must reach the game.
        catch (Exception)
#pragma warning restore CA1031
        {
            // Soon after the claim, a missing grant says the same.
        }
    }

    private async Task ForgetUserCodeAsync(SessionId id, CancellationToken cancellation)
    {
        if (await store.FindAsync(id.Key, cancellation) is { } session)
            await store.TryUpdateAsync(session with { UserCode = null, Status = SessionStatus.Failed }, cancellation);
    }
}
