namespace TokenBroker.Endpoints;

/// <summary><c>POST /revoke</c>: where a game signs its player out (RFC 7009), with either of its tokens.</summary>
[RepliesTo(Audience.Game)]
public sealed class Revoke(AppCatalog apps, FailureLimiter failures, RevokeToken revoke)
{
    /// <summary>Answers once the token is revoked.</summary>
    /// <param name="request">The game's form: <c>token</c>, <c>client_id</c>, <c>provider</c>, and a hint that is not needed.</param>
    /// <returns>
    /// 200 without content, also for an unknown token (RFC 7009 §2.2); 400 with an error of RFC 6749 §5.2; 429 after thirty tokens
    /// that were no refresh tokens of ours; 503 when it should be tried again.
    /// </returns>
    [Function(nameof(Revoke))]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", "options", Route = Paths.Revoke)] HttpRequest request)
    {
        var parameters = await Parameters.ReadAsync(request, "token", "token_type_hint", "client_id", "app", "provider");
        if (parameters.Error is { } error)
            return JsonReply.Failure(error);
        if (parameters["token"] is not { } token)
            return JsonReply.Failure(OAuthError.Missing("token"));
        if (apps.Find(parameters["app"], parameters["client_id"]) is not { } app)
            return JsonReply.Failure(OAuthError.InvalidClient);
        // A refresh token tells where it is from; an access token is never tried at several providers.
        var registration = app.Find(parameters["provider"]);
        var tells = parameters["provider"] is null && SealedRefreshToken.IsSealed(token);
        if (registration is null && !tells)
            return JsonReply.Failure(OAuthError.InvalidRequest(app.ProviderProblem));

        var (address, cancellation) = (ClientAddress.Of(request), request.HttpContext.RequestAborted);
        using var attempt = await failures.TryEnterAsync(FailureKind.AccessToken, address, cancellation);
        if (attempt is null)
            return JsonReply.Failure(OAuthError.TooManyAttempts, failures.WaitOf(FailureKind.AccessToken, address));
        return await revoke.RunAsync(app, registration, token, attempt, cancellation) switch
        {
            null => EmptyReply.Ok(),
            // RFC 7009 §2.2.1: with 503 the game must take the token to be still valid, and may try again.
            ProviderFailure.RefusedRequest or ProviderFailure.Trouble or ProviderFailure.Timeout =>
                JsonReply.Failure(OAuthError.RevocationUnavailable),
            { } failure => JsonReply.Failure(OAuthError.Of(failure)),
        };
    }
}
