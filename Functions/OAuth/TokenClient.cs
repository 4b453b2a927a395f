namespace TokenBroker.OAuth;

/// <summary>A provider's token endpoint, in its dialect (RFC 6749 §4.1.3 and §6).</summary>
public sealed class TokenClient(
    ProviderHttp http, Discovery discovery, ISecrets secrets, BrokerOptions options, BrokerMetrics metrics, TimeProvider time,
    ILogger<TokenClient> logger)
{
    /// <summary>Exchanges a code (RFC 6749 §4.1.3).</summary>
    /// <param name="registration">The registration.</param>
    /// <param name="code">
    /// The provider's code. It is single-use, so the request is repeated only after a refused client, which spends no code.
    /// </param>
    /// <param name="codeVerifier">The PKCE verifier, which is sent where the provider takes one.</param>
    /// <param name="scopes">What was asked for.</param>
    /// <returns>The tokens, or why there are none.</returns>
    public Task<Result<TokenReply, ProviderFailure>> ExchangeAsync(
        Registration registration, string code, string codeVerifier, IReadOnlyList<string> scopes) =>
        RequestAsync(registration, provider =>
        {
            var fields = new Dictionary<string, string>
            {
                ["grant_type"] = "authorization_code",
                ["code"] = code,
                ["redirect_uri"] = options.Url(registration.RedirectPath),
            };
            if (provider.Pkce)
                fields["code_verifier"] = codeVerifier;
            if (provider.ScopeInTokenRequest && scopes.Count > 0)
                fields["scope"] = string.Join(provider.ScopeSeparator, scopes);
            return fields;
        });

    /// <summary>Refreshes (RFC 6749 §6).</summary>
    /// <param name="registration">The registration.</param>
    /// <param name="refreshToken">The provider's refresh token.</param>
    /// <param name="scopes">What is asked for.</param>
    /// <param name="isNarrowed">
    /// Whether that is less than was granted; otherwise scopes are sent only where the provider wants them.
    /// </param>
    /// <returns>The tokens, with the refresh token to use next: the old one where the provider gives no new one.</returns>
    public async Task<Result<TokenReply, ProviderFailure>> RefreshAsync(
        Registration registration, string refreshToken, IReadOnlyList<string> scopes, bool isNarrowed)
    {
        var result = await RequestAsync(registration, provider =>
        {
            var fields = new Dictionary<string, string> { ["grant_type"] = "refresh_token", ["refresh_token"] = refreshToken };
            if ((isNarrowed || provider.ScopeInTokenRequest) && scopes.Count > 0)
                fields["scope"] = string.Join(provider.ScopeSeparator, scopes);
            return fields;
        });
        return result.Value is { RefreshToken: null } tokens ? tokens with { RefreshToken = refreshToken } : result;
    }

    /// <summary>Whether another client secret may help.</summary>
    internal static bool MayBeWrongSecret(ProviderFailure? failure) =>
        failure is ProviderFailure.RefusedClient or ProviderFailure.RefusedGrantOrClient;

    /// <summary>Neither a closed browser nor a game that gave up ends this early: the code would be spent for nothing.</summary>
    private async Task<Result<TokenReply, ProviderFailure>> RequestAsync(Registration registration, Func<Provider, Dictionary<string,
        string>> fieldsFor)
    {
        using var limit = http.NewLimit();
        var started = time.GetTimestamp();
        var result = await RequestAsync(registration, fieldsFor, limit.Token);
        metrics.ProviderCall(registration.Provider.Name, OutcomeOf(result), time.GetElapsedTime(started));
        return result;
    }

    private async Task<Result<TokenReply, ProviderFailure>> RequestAsync(
        Registration named, Func<Provider, Dictionary<string, string>> fieldsFor, CancellationToken limit)
    {
        try
        {
            if (await discovery.ResolveAsync(named, limit) is not { } registration)
                return ProviderFailure.Trouble;
            var fields = fieldsFor(registration.Provider);
            var secret = await secrets.ClientSecretAsync(registration, limit);
            var result = await SendAsync(registration, fields, secret, limit);
            if (!MayBeWrongSecret(result.Failure))
                return result;
            // It may have been rotated.
            var newSecret = await secrets.RereadClientSecretAsync(registration, secret, limit);
            return newSecret is null ? result : await SendAsync(registration, fields, newSecret, limit);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return ProviderFailure.Timeout;
        }
    }

    private async Task<Result<TokenReply, ProviderFailure>> SendAsync(
        Registration registration, Dictionary<string, string> fields, string secret, CancellationToken limit)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, registration.Endpoints.Token);
        ClientAuthentication.Apply(registration, secret, time.GetUtcNow(), request.Headers, fields);
        request.Content = Body(registration.Provider.BodyFormat, fields);
        var reply = await http.SendAsync(registration, request, limit);
        var result = reply.IsTimeout
            ? ProviderFailure.Timeout
            : TokenReplyParser.Parse((HttpStatusCode)reply.Status, reply.Body, registration.Provider, time.GetUtcNow());
        if (result.Failure is { } failure)
        {
            var redirectUri = fields.GetValueOrDefault("redirect_uri");
            var call = redirectUri is null ? ProviderCall.RefreshToken : ProviderCall.AuthorizationCode;
            ProviderCallLog.Failed(logger, registration, call, registration.Endpoints.Token!, failure, reply, redirectUri);
        }
        return result;
    }

    private static string OutcomeOf(Result<TokenReply, ProviderFailure> result) => result.Failure switch
    {
        null => "ok",
        ProviderFailure.RefusedGrant or ProviderFailure.RefusedGrantOrClient => "invalid_grant",
        _ => "temporarily_unavailable",
    };

    private static HttpContent Body(BodyFormat format, Dictionary<string, string> fields) => format switch
    {
        BodyFormat.Form => new FormUrlEncodedContent(fields),
        BodyFormat.Json => new StringContent(
            JsonSerializer.Serialize(fields, JsonText.Default.IDictionaryStringString), Encoding.UTF8, "application/json"),
        BodyFormat.Multipart => Multipart(fields),
        _ => throw new UnreachableException(),
    };

    private static MultipartFormDataContent Multipart(Dictionary<string, string> fields)
    {
        var parts = new MultipartFormDataContent();
        foreach (var (name, value) in fields)
            parts.Add(new ByteArrayContent(Encoding.UTF8.GetBytes(value)), $"\"{name}\"");
        return parts;
    }
}
