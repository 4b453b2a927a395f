namespace TokenBroker.SignIns;

/// <summary>A game signs its player out (RFC 7009), with either of its tokens.</summary>
public sealed partial class RevokeToken(ISecrets secrets, RevocationClient provider, RevokedTokens revoked, ILogger<RevokeToken> logger)
{
    /// <summary>Revokes at the provider, where it can, and refuses a sealed refresh token from now on (docs/decisions/0008).</summary>
    /// <returns>Why the token must be taken to be still valid; null when it is revoked, or unknown (RFC 7009 §2.2).</returns>
    internal async Task<ProviderFailure?> RunAsync(App app, string token, CancellationToken cancellation)
    {
        var isSealed = SealedRefreshToken.IsSealed(token);
        var opened = isSealed ? SealedRefreshToken.Open(token, await secrets.ProtectionKeysAsync(cancellation)) : null;
        // One that was altered, or is another game's, is unknown here.
        if (isSealed && opened?.AppName != app.Name)
            return null;
        if (opened is not null)
            revoked.Add(app, opened.Token);
        var failure = await provider.RevokeAsync(app, opened?.Token ?? token, isRefreshToken: isSealed);
        if (failure is null)
            Log.Revoked(logger, app.Name);
        return failure;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Token revoked for app {App}")]
        public static partial void Revoked(ILogger logger, string app);
    }
}
