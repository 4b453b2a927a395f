namespace TokenBroker.Endpoints;

/// <summary>
/// <c>GET</c> or <c>POST /exchange-code</c> with <c>access_code</c> and, where create-session carried a challenge, <c>code_verifier</c>:
/// where the game redeems the access code, once.
/// </summary>
[RepliesTo(Audience.Game)]
public sealed class ExchangeCode(
    AppCatalog apps, BrokerOptions options, DpopProofs proofs, FailureLimiter failures, RedeemAccessCode redeem,
    BrokerMetrics metrics, TimeProvider time)
{
    /// <summary>Answers with the tokens or with an error.</summary>
    /// <param name="request">The game's request: a query, or a form.</param>
    /// <returns>
    /// 200 with <c>oauth_token</c>; 400 <c>invalid_request</c>, <c>invalid_client</c> or <c>invalid_grant</c>; 429 after ten failed
    /// codes; 503 while storage is down.
    /// </returns>
    [Function(nameof(ExchangeCode))]
    public Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", "options", Route = Paths.ExchangeCode)] HttpRequest request) =>
            RunAsync(request, Paths.ExchangeCode);

    /// <summary>The same under the spelling with an underscore.</summary>
    /// <param name="request">The game's request.</param>
    /// <returns>As <see cref="Run"/>.</returns>
    [Function(nameof(ExchangeCode) + "Underscore")]
    public Task<IResult> RunUnderscore(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", "options", Route = Paths.ExchangeCodeUnderscore)] HttpRequest request) =>
            RunAsync(request, Paths.ExchangeCodeUnderscore);

    private async Task<IResult> RunAsync(HttpRequest request, string path)
    {
        var parameters = await Parameters.ReadAsync(request, "access_code", "code_verifier", "app", "client_id");
        if (parameters.Error is { } error)
            return Failure(error);
        // A code does not tell its app, but a game may: then it redeems for itself only.
        var namesApp = (parameters["app"] ?? parameters["client_id"]) is not null;
        var app = namesApp ? apps.Find(parameters["app"], parameters["client_id"]) : null;
        if (namesApp && app is null)
            return Failure(OAuthError.InvalidClient);
        if (app?.Flows.Contains(Flow.AccessCode) == false)
            return Failure(OAuthError.UnauthorizedClient);
        if (parameters["access_code"] is not { } typed)
            return Failure(OAuthError.Missing("access_code"));

        var proof = await proofs.CheckAsync(request.Headers["DPoP"], request.Method, options.Url(path));
        if (proof.IsInvalid)
            return Failure(OAuthError.InvalidDpopProof);

        var (address, cancellation) = (ClientAddress.Of(request), request.HttpContext.RequestAborted);
        using var attempt = await failures.TryEnterAsync(FailureKind.AccessCode, address, cancellation);
        if (attempt is null)
            return Failure(OAuthError.TooManyAttempts, failures.WaitOf(FailureKind.AccessCode, address));
        var result = await redeem.RunAsync(typed, parameters["code_verifier"], app, proof.Key, attempt, cancellation);
        return result.Succeeded
            ? JsonReply.Tokens("oauth_token", result.Value, time.GetUtcNow())
            : Failure(OAuthError.Of(result.Failure.Value));
    }

    private JsonReply Failure(OAuthError error, TimeSpan? retryAfter = null)
    {
        metrics.Redeemed(error.Error);
        return JsonReply.Failure(error, retryAfter);
    }
}
