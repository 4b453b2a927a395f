namespace TokenBroker.SignIns;

/// <summary>A game asks for the player's profile with the access token that it was given.</summary>
public sealed class ReadUserInfo(UserInfoClient provider, ISecrets secrets, RefusedTokens refused, TimeProvider time)
{
    /// <summary>Asks the provider, unless it has just refused this token. A game that goes away does not end the call: it counts.</summary>
    /// <param name="registration">Where the token is from, as the game says.</param>
    /// <param name="accessToken">The player's access token.</param>
    /// <param name="attempt">The attempt of the client's address, which counts if the provider refuses.</param>
    /// <returns>The provider's JSON, or why there is none.</returns>
    internal async Task<Result<byte[], ProviderFailure>> RunAsync(Registration registration, string accessToken,
        FailureLimiter.Attempt attempt)
    {
        if (!registration.HasCredential)
            return await OpenAsync(registration, accessToken, attempt);
        if (refused.WasRefused(registration, accessToken))
            return ProviderFailure.RefusedToken;
        var result = await provider.ReadAsync(registration, accessToken, CancellationToken.None);
        if (result.Failure == ProviderFailure.RefusedToken)
            refused.RememberRefused(registration, accessToken);
        if (result.Failure?.IsRefusal() == true)
            await attempt.FailedAsync();
        return result;
    }

    /// <summary>Where the provider has no user endpoint, the broker's own token says what there is.</summary>
    private async Task<Result<byte[], ProviderFailure>> OpenAsync(
        Registration registration, string accessToken, FailureLimiter.Attempt attempt)
    {
        var token = IdentityToken.Open(accessToken, await secrets.ProtectionKeysAsync(CancellationToken.None));
        var isGood = token is not null && token.AppName == registration.AppName && token.Provider == registration.Name &&
            time.GetUtcNow() < token.ExpiresAt;
        if (isGood)
            return Encoding.UTF8.GetBytes(token!.Claims);
        await attempt.FailedAsync();
        return ProviderFailure.RefusedToken;
    }
}
