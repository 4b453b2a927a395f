namespace TokenBroker.Endpoints;

/// <summary>
/// <c>POST /token</c>: where a game redeems the authorization code that its player came back with (RFC 6749 §4.1.3), where a device polls
/// for its tokens (RFC 8628 §3.4), and where both refresh them (RFC 6749 §6), with the sealed refresh token that they were given.
/// </summary>
[RepliesTo(Audience.Game)]
public sealed class Token(
    AppCatalog apps, BrokerOptions options, DpopProofs proofs, FailureLimiter failures, RedeemAuthorizationCode redeem,
        RefreshTokens refresh,
    PollDevice poll, TimeProvider time)
{
    /// <summary>RFC 6749 §4.1.3.</summary>
    internal const string CodeGrantType = "authorization_code";

    /// <summary>RFC 6749 §6.</summary>
    internal const string RefreshGrantType = "refresh_token";

    /// <summary>RFC 8628 §3.4.</summary>
    internal const string DeviceGrantType = "urn:ietf:params:oauth:grant-type:device_code";

    /// <summary>Answers with new tokens or with an error.</summary>
    /// <param name="request">The game's form.</param>
    /// <returns>
    /// 200 with <c>access_token</c> and the <c>refresh_token</c> to use next; 400 with an error of RFC 6749 §5.2 or RFC 8628 §3.5; 429
    /// after thirty refreshes that the provider refused; 502 or 504 when it fails.
    /// </returns>
    [Function(nameof(Token))]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", "options", Route = Paths.Token)] HttpRequest request)
    {
        var parameters = await Parameters.ReadAsync(
            request, "grant_type", "code", "redirect_uri", "code_verifier", "refresh_token", "device_code", "client_id", "app", "scope");
        if (parameters.Error is { } error)
            return JsonReply.Failure(error);
        var proof = await proofs.CheckAsync(request.Headers["DPoP"], request.Method, options.Url(Paths.Token));
        if (proof.IsInvalid)
            return JsonReply.Failure(OAuthError.InvalidDpopProof);
        var cancellation = request.HttpContext.RequestAborted;
        return parameters["grant_type"] switch
        {
            null => JsonReply.Failure(OAuthError.Missing("grant_type")),
            CodeGrantType => await RedeemAsync(parameters, proof.Key, cancellation),
            RefreshGrantType => await RefreshAsync(parameters, proof.Key, ClientAddress.Of(request), cancellation),
            DeviceGrantType => await PollAsync(parameters, proof.Key, cancellation),
            _ => JsonReply.Failure(OAuthError.UnsupportedGrantType),
        };
    }

    /// <summary>RFC 6749 §4.1.3, RFC 7636 §4.5. Every game is a public client, so it must name itself.</summary>
    private async Task<IResult> RedeemAsync(Parameters parameters, string? dpopKey, CancellationToken cancellation)
    {
        string[] needed = ["code", "redirect_uri", "code_verifier"];
        if (needed.FirstOrDefault(name => parameters[name] is null) is { } missing)
            return JsonReply.Failure(OAuthError.Missing(missing));
        if ((parameters["client_id"] ?? parameters["app"]) is null)
            return JsonReply.Failure(OAuthError.Missing("client_id"));
        if (apps.Find(parameters["app"], parameters["client_id"]) is not { } app)
            return JsonReply.Failure(OAuthError.InvalidClient);
        if (!app.Flows.Contains(Flow.Redirect))
            return JsonReply.Failure(OAuthError.UnauthorizedClient);
        return Reply(await redeem.RunAsync(
            app, parameters["code"]!, parameters["redirect_uri"]!, parameters["code_verifier"]!, dpopKey, cancellation));
    }

    private async Task<IResult> RefreshAsync(Parameters parameters, string? dpopKey, string address, CancellationToken cancellation)
    {
        if (parameters["refresh_token"] is not { } refreshToken)
            return JsonReply.Failure(OAuthError.Missing("refresh_token"));
        if (apps.Find(parameters["app"], parameters["client_id"]) is not { } app)
            return JsonReply.Failure(OAuthError.InvalidClient);
        using var attempt = await failures.TryEnterAsync(FailureKind.Refresh, address, cancellation);
        if (attempt is null)
            return JsonReply.Failure(OAuthError.TooManyAttempts, failures.WaitOf(FailureKind.Refresh, address));
        return Reply(await refresh.RunAsync(app, refreshToken, parameters["scope"], dpopKey, attempt, cancellation));
    }

    /// <summary>RFC 8628 §3.4. What was asked for stands in the session; a scope in the poll changes nothing.</summary>
    private async Task<IResult> PollAsync(Parameters parameters, string? dpopKey, CancellationToken cancellation)
    {
        if (parameters["device_code"] is not { } deviceCode)
            return JsonReply.Failure(OAuthError.Missing("device_code"));
        if (apps.Find(parameters["app"], parameters["client_id"]) is not { } app)
            return JsonReply.Failure(OAuthError.InvalidClient);
        if (!app.Flows.Contains(Flow.Device))
            return JsonReply.Failure(OAuthError.UnauthorizedClient);
        if (DeviceCode.TryParse(deviceCode) is not { } code)
            return JsonReply.Failure(OAuthError.InvalidGrant);
        return Reply(await poll.RunAsync(app, code, dpopKey, cancellation));
    }

    private JsonReply Reply(Result<TokenReply, TokenRefusal> result)
    {
        if (!result.Succeeded)
            return JsonReply.Failure(OAuthError.Of(result.Failure.Value));
        // RFC 6749 §5.1 demands a token type, and standard clients insist on it; without one from the provider it is a bearer token.
        return JsonReply.Tokens("access_token", result.Value with { TokenType = result.Value.TokenType ?? "Bearer" }, time.GetUtcNow());
    }
}
