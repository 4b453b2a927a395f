namespace TokenBroker.SignIns;

/// <summary>A game refreshes its tokens (RFC 6749 §6) with the sealed refresh token that it was given.</summary>
public sealed partial class RefreshTokens(
    ISecrets secrets, TokenClient tokenClient, ProviderIdentity identities, IdTokens idTokens, RefusedTokens refused, TimeProvider time,
        ILogger<RefreshTokens> logger)
{
    /// <summary>Refreshes: no storage.</summary>
    /// <param name="app">The app that the game says it is.</param>
    /// <param name="refreshToken">The sealed refresh token.</param>
    /// <param name="scope">The scopes to narrow to; null for all that were granted.</param>
    /// <param name="dpopKey">The key that the game has proved (RFC 9449); null without a proof.</param>
    /// <param name="attempt">The attempt of the client's address, which counts if the provider refuses.</param>
    /// <param name="cancellation">Ends the wait for the vault.</param>
    internal async Task<Result<TokenReply, TokenRefusal>> RunAsync(
        App app, string refreshToken, string? scope, string? dpopKey, FailureLimiter.Attempt attempt,
        CancellationToken cancellation)
    {
        var keys = await secrets.ProtectionKeysAsync(cancellation);
        var granted = SealedRefreshToken.Open(refreshToken, keys);
        if (granted is null || granted.AppName != app.Name || app.Find(granted.Provider) is not { } registration)
            return TokenRefusal.UnknownRefreshToken;
        if (refused.WasRevoked(registration, granted.Token))
            return TokenRefusal.UnknownRefreshToken;
        if (!DpopProofs.Suffices(dpopKey, granted.DpopKey, app.RequireDpop))
            return TokenRefusal.NotProved;
        if (Scopes.Narrow(scope, granted.Scopes) is not { } scopes)
            return TokenRefusal.ScopeNotGranted;
        if (refused.WasRefused(registration, granted.Token))
            return TokenRefusal.ProviderRefusedGrant;

        var wantsIdToken = granted is { Subject: not null, AuthTime: not null } && scopes.Contains(Registration.OpenId);
        var signingKey = wantsIdToken ? await idTokens.KeyAsync(cancellation) : null;
        var providerScopes = registration.ProviderScopes(scopes);
        var isNarrowed = providerScopes.Count < registration.ProviderScopes(granted.Scopes).Count;
        var result = await tokenClient.RefreshAsync(registration, granted.Token, providerScopes, isNarrowed);
        if (!result.Succeeded)
        {
            var failure = result.Failure.Value;
            if (failure.IsRefusal())
                await attempt.FailedAsync();
            var refusal = RefusalOf(failure);
            if (refusal == TokenRefusal.ProviderRefusedGrant)
                refused.RememberRefused(registration, granted.Token);
            return refusal;
        }
        Log.Refreshed(logger, app.Name);
        var player = wantsIdToken ? await PlayerAsync(registration, result.Value, granted) : null;
        if (player is not null && player.Identity.Subject != granted.Subject)
            return TokenRefusal.ProviderRefusedGrant;
        // RFC 6749 §6: the new refresh token covers what the old one did, whatever this access token was narrowed to.
        var tokens = SealedRefreshToken.SealInto(
            result.Value, registration, granted.Scopes, dpopKey, granted.Player, keys.Current(time.GetUtcNow()));
        return signingKey is null || player is null
            ? tokens
            : tokens with { IdToken = idTokens.Make(signingKey, registration, player, nonce: null, scopes, tokens.AccessToken) };
    }

    /// <summary>
    /// Who the tokens are of: the one who signed in (OpenID Connect Core 1.0 §12.2). Where the provider gives an ID token with a refresh,
    /// it must say so too. The provider's tokens have changed by now, so trouble costs the game no more than this ID token.
    /// </summary>
    /// <returns>The player that the provider names; null when it cannot be believed.</returns>
    private async Task<SignedInPlayer?> PlayerAsync(Registration registration, TokenReply tokens, SealedRefreshToken granted)
    {
        var isSaid = registration.Provider.Identity?.Source == IdentitySource.IdToken && tokens.ProviderIdToken is not null;
        if (!isSaid)
            return granted.Player;
        var who = await identities.ReadAsync(registration, tokens, nonce: null, wantsProfile: false);
        return who.Succeeded ? new(who.Value, granted.AuthTime!.Value) : null;
    }

    private static TokenRefusal RefusalOf(ProviderFailure failure) => failure switch
    {
        ProviderFailure.RefusedGrant or ProviderFailure.RefusedGrantOrClient => TokenRefusal.ProviderRefusedGrant,
        ProviderFailure.RefusedClient => TokenRefusal.ProviderRefusedClient,
        ProviderFailure.Timeout => TokenRefusal.ProviderTimeout,
        ProviderFailure.RefusedRequest or ProviderFailure.NoIdentity or ProviderFailure.Trouble => TokenRefusal.ProviderTrouble,
        _ => throw new UnreachableException(),
    };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Token refreshed for app {App}")]
        public static partial void Refreshed(ILogger logger, string app);
    }
}
