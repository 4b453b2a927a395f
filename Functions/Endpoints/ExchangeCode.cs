using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TokenBroker.Apps;
using TokenBroker.Http;
using TokenBroker.Limits;
using TokenBroker.OAuth;
using TokenBroker.Secrets;
using TokenBroker.Sessions;

namespace TokenBroker.Endpoints;

/// <summary>
/// <c>GET</c> or <c>POST /exchange-code</c> with <c>access_code</c> and, where create-session carried a challenge,
/// <c>code_verifier</c>: where the game collects its token, once.
/// </summary>
[RepliesTo(Audience.Game)]
public sealed class ExchangeCode(
    BrokerOptions options, ISessionStore store, ISecrets secrets, AppCatalog apps, Redemption redemption, FailureLimiter limiter, BrokerMetrics metrics, TimeProvider time)
{
    /// <summary>Answers with the token or with an error.</summary>
    /// <param name="request">The game's request: a query, or a form.</param>
    /// <returns>200 with <c>oauth_token</c>; 400 <c>invalid_request</c> or <c>invalid_grant</c>; 429 after ten failed codes; 503 while storage is down.</returns>
    [Function(nameof(ExchangeCode))]
    public async Task<IResult> Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", "options", Route = "exchange-code")] HttpRequest request)
    {
        var parameters = HttpMethods.IsPost(request.Method) ? await Parameters.OfFormAsync(request) : Parameters.OfQuery(request);
        if (parameters is null)
            return Failure(OAuthError.NoForm);
        if (parameters.Repeated("access_code", "code_verifier", "app", "client_id") is { } repeated)
            return Failure(OAuthError.Repeated(repeated));
        // A code tells nothing of its app, but a game may: then an attack on one app leaves the others alone.
        var named = "";
        if ((parameters["app"] ?? parameters["client_id"]) is not null)
        {
            if (apps.Find(parameters["app"], parameters["client_id"]) is not { } namedApp)
                return Failure(OAuthError.InvalidClient);
            named = namedApp.Name;
        }
        if (FetchMetadata.IsEmbedded(request, options))
            return Failure(OAuthError.InvalidRequest("A game calls this address; a page cannot embed it."));
        if (parameters["access_code"] is not { } typed)
            return Failure(OAuthError.Missing("access_code"));
        using var attempt = await limiter.BeginAsync(request.ClientAddress(), named, request.HttpContext.RequestAborted);
        if (attempt.Wait is { } wait)
            return Failure(OAuthError.TooManyAttempts, wait);
        if (AccessCode.TryParse(typed) is not { } code)
            return await WrongAsync(attempt);

        var now = time.GetUtcNow();
        var keys = await secrets.ProtectionKeysAsync(request.HttpContext.RequestAborted);
        var candidates = keys.ForGrants(now);
        if (await FindAsync(code, candidates, now, request.HttpContext.RequestAborted) is not var (grant, content))
            return candidates.Any(key => limiter.WasUsed(key.GrantKey(code.ToBytes()))) ? Failure(OAuthError.InvalidGrant) : await WrongAsync(attempt);
        // A game that says who it is collects for itself only.
        if (named.Length > 0 && named != content.App)
            return await WrongAsync(attempt);
        // A wrong verifier does not spend the code: whoever saw it over the player's shoulder could take it away.
        if (!Pkce.Answers(parameters["code_verifier"], content.CodeChallenge))
            return await WrongAsync(attempt);
        if (apps.Find(content.App) is not { } app)
            return Failure(OAuthError.InvalidGrant);
        // This was no guess: what follows may take its time and holds nobody up.
        attempt.Dispose();
        limiter.Used(grant.Key);
        return await redemption.TakeAsync(app, grant, content, request.HttpContext.RequestAborted) is { } token
            ? JsonReply.Token("oauth_token", token, time.GetUtcNow())
            : Failure(OAuthError.InvalidGrant);
    }

    /// <summary>The same under the spelling with an underscore.</summary>
    /// <param name="request">The game's request.</param>
    /// <returns>As <see cref="Run"/>.</returns>
    [Function(nameof(ExchangeCode) + "Underscore")]
    public Task<IResult> RunUnderscore([HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", "options", Route = "exchange_code")] HttpRequest request) =>
        Run(request);

    private async Task<(Grant Grant, GrantContent Content)?> FindAsync(
        AccessCode code, IReadOnlyList<ProtectionKey> keys, DateTimeOffset now, CancellationToken cancellation)
    {
        foreach (var key in keys)
        {
            if (await store.FindAsync(key.GrantKey(code.ToBytes()), cancellation) is { } grant)
                return now < grant.ExpiresAt && GrantContent.Open(grant, key, code.ToBytes()) is { } content ? (grant, content) : null;
        }
        return null;
    }

    private async Task<IResult> WrongAsync(Attempt attempt)
    {
        await attempt.FailedAsync();
        return Failure(OAuthError.InvalidGrant);
    }

    private JsonReply Failure(OAuthError error, TimeSpan? retryAfter = null)
    {
        metrics.Redeemed(error.Error);
        return JsonReply.Failure(error, retryAfter);
    }
}
