namespace TokenBroker.OAuth;

/// <summary>A provider's revocation endpoint (RFC 7009).</summary>
public sealed class RevocationClient(
    ProviderHttp http, Discovery discovery, ISecrets secrets, TimeProvider time, ILogger<RevocationClient> logger)
{
    /// <summary>Revokes a token (RFC 7009 §2.1), where the provider has an endpoint for it.</summary>
    /// <param name="named">The registration.</param>
    /// <param name="token">The provider's token.</param>
    /// <param name="isRefreshToken">Whether it is a refresh token, and not an access token.</param>
    /// <returns>Why the token must be taken to be still valid; null when it is revoked, or the provider revokes nothing.</returns>
    public async Task<ProviderFailure?> RevokeAsync(Registration named, string token, bool isRefreshToken)
    {
        using var limit = http.NewLimit();
        if (await discovery.ResolveAsync(named, limit.Token) is not { } registration)
            return ProviderFailure.Trouble;
        if (registration.Endpoints.Revocation is null)
            return null;

        var secret = await secrets.ClientSecretAsync(registration, limit.Token);
        var failure = await SendAsync(registration, token, isRefreshToken, secret, limit.Token);
        if (failure == ProviderFailure.RefusedClient)
        {
            // The secret may have been rotated.
            var newSecret = await secrets.RereadClientSecretAsync(registration, secret, limit.Token);
            if (newSecret is not null)
                failure = await SendAsync(registration, token, isRefreshToken, newSecret, limit.Token);
        }
        return failure;
    }

    private async Task<ProviderFailure?> SendAsync(Registration registration, string token, bool isRefreshToken, string secret,
        CancellationToken limit)
    {
        var fields = new Dictionary<string, string>
        {
            ["token"] = token,
            ["token_type_hint"] = isRefreshToken ? "refresh_token" : "access_token",
        };
        var request = new HttpRequestMessage(HttpMethod.Post, registration.Endpoints.Revocation);
        ClientAuthentication.Apply(registration, secret, time.GetUtcNow(), request.Headers, fields);
        // RFC 7009 §2.1 knows only forms, whatever the token endpoint takes.
        request.Content = new FormUrlEncodedContent(fields);
        var reply = await http.SendAsync(registration, request, limit);
        var failure = FailureOf(reply, registration);
        if (failure is { } reason)
            ProviderCallLog.Failed(logger, registration, ProviderCall.Revocation, registration.Endpoints.Revocation!, reason, reply);
        return failure;
    }

    private ProviderFailure? FailureOf(ProviderHttp.Reply reply, Registration registration)
    {
        if (reply.Status is >= 200 and < 300)
            return null;
        if (reply.Status is 401 or 403)
            return ProviderFailure.RefusedClient;
        if (reply.Status != 400)
            return reply.Status is > 400 and < 500 ? ProviderFailure.RefusedRequest : ProviderFailure.Trouble;
        if (TokenReplyParser.ErrorCode(reply.Body, registration.Provider) == "unsupported_token_type")
            return ProviderFailure.UnsupportedTokenType;
        // Any other 400 says that the provider does not know the token, which is what was asked for.
        var result = TokenReplyParser.Parse(HttpStatusCode.BadRequest, reply.Body, registration.Provider, time.GetUtcNow());
        return result.Failure == ProviderFailure.RefusedClient ? ProviderFailure.RefusedClient : null;
    }
}
