namespace TokenBroker.SignIns;

/// <summary>A game signs its player out (RFC 7009), with either of its tokens.</summary>
public sealed partial class RevokeToken(ISecrets secrets, RevocationClient provider, RefusedTokens refused, ILogger<RevokeToken> logger)
{
    /// <summary>Revokes at the provider, where it can, and refuses a sealed refresh token from now on (docs/decisions/0008).</summary>
    /// <param name="app">The app that the game says it is.</param>
    /// <param name="named">The registration that the game names, or its only one; null when a refresh token has to tell.</param>
    /// <param name="token">Either of its tokens.</param>
    /// <param name="attempt">
    /// The attempt of the client's address. An access token always counts: RFC 7009 §2.2 has a provider answer alike for one that it does
    /// not know.
    /// </param>
    /// <param name="cancellation">Ends the wait for the vault.</param>
    /// <returns>Why the token must be taken to be still valid; null when it is revoked, or unknown (RFC 7009 §2.2).</returns>
    internal async Task<ProviderFailure?> RunAsync(
        App app, Registration? named, string token, FailureLimiter.Attempt attempt, CancellationToken cancellation)
    {
        var isSealed = SealedRefreshToken.IsSealed(token);
        var opened = isSealed ? SealedRefreshToken.Open(token, await secrets.ProtectionKeysAsync(cancellation)) : null;
        // One that was altered, or is another game's, is unknown here.
        if (isSealed && opened?.AppName != app.Name)
            return null;
        var registration = isSealed ? app.Find(opened!.Provider) : named;
        if (registration is null)
            return null;
        var providerToken = opened?.Token ?? token;
        if (isSealed)
            refused.RememberRevoked(registration, providerToken);
        if (refused.WasConfirmed(registration, providerToken))
            return null;
        // Before the call, so that whoever goes away is counted too.
        if (!isSealed)
            await attempt.FailedAsync();

        var failure = await provider.RevokeAsync(registration, providerToken, isRefreshToken: isSealed);
        if (failure is null)
        {
            refused.RememberConfirmed(registration, providerToken);
            Log.Revoked(logger, app.Name);
        }
        else if (failure.Value.IsRefusal())
        {
            await attempt.FailedAsync();
        }
        return failure;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Token revoked for app {App}")]
        public static partial void Revoked(ILogger logger, string app);
    }
}
