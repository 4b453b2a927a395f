using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
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
public sealed partial class ExchangeCode(
    ISessionStore store, ISecrets secrets, AppCatalog apps, ProviderClient provider, FailureLimiter limiter,
    BrokerMetrics metrics, TimeProvider time, Faults faults, ILogger<ExchangeCode> logger)
{
    private static readonly Dictionary<string, JsonElement> NoExtra = [];

    /// <summary>A token with less to live is refreshed before the game gets it.</summary>
    private static readonly TimeSpan MinLifetime = TimeSpan.FromSeconds(60);

    /// <summary>Answers with the token or with an error.</summary>
    /// <param name="request">The game's request: a query, or a form.</param>
    /// <param name="context">The invocation, which knows the caller's address.</param>
    /// <returns>200 with <c>oauth_token</c>; 400 <c>invalid_request</c> or <c>invalid_grant</c>; 429 after ten failed codes; 503 while storage is down.</returns>
    [Function(nameof(ExchangeCode))]
    public Task<IResult> Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", Route = "exchange-code")] HttpRequest request, FunctionContext context) =>
        faults.ToGame(request, () => AnswerAsync(request, ClientAddress.Of(context)));

    /// <summary>The same under the spelling with an underscore.</summary>
    /// <param name="request">The game's request.</param>
    /// <param name="context">The invocation, which knows the caller's address.</param>
    /// <returns>As <see cref="Run"/>.</returns>
    [Function(nameof(ExchangeCode) + "Underscore")]
    public Task<IResult> RunUnderscore([HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", Route = "exchange_code")] HttpRequest request, FunctionContext context) =>
        Run(request, context);

    private async Task<IResult> AnswerAsync(HttpRequest request, string address)
    {
        var parameters = HttpMethods.IsPost(request.Method) ? await Parameters.OfFormAsync(request) : Parameters.OfQuery(request);
        if (parameters is null)
            return Failure(OAuthError.InvalidRequest("The body must be application/x-www-form-urlencoded."));
        if (parameters.Repeated("access_code", "code_verifier", "app", "client_id") is { } repeated)
            return Failure(OAuthError.InvalidRequest($"The parameter '{repeated}' is given more than once."));
        // A code tells nothing of its app, but a game may: then an attack on one app leaves the others alone.
        var named = "";
        if ((parameters["app"] ?? parameters["client_id"]) is not null)
        {
            if (apps.Find(parameters["app"], parameters["client_id"]) is not { } namedApp)
                return Failure(OAuthError.InvalidClient);
            named = namedApp.Name;
        }
        if (parameters["access_code"] is not { } typed)
            return Failure(OAuthError.InvalidRequest("The parameter 'access_code' is missing."));
        using var attempt = await limiter.BeginAsync(address, named, request.HttpContext.RequestAborted);
        if (attempt.Wait is { } wait)
            return Failure(OAuthError.TooManyAttempts, wait);
        if (AccessCode.TryParse(typed) is not { } code)
            return await WrongAsync(attempt);

        var now = time.GetUtcNow();
        var keys = await secrets.ProtectionKeysAsync(request.HttpContext.RequestAborted);
        var candidates = keys.ForGrants(now);
        if (await FindAsync(code, candidates, now, request.HttpContext.RequestAborted) is not var (grant, content))
            return candidates.Any(key => limiter.WasUsed(key.GrantKey(code))) ? Failure(OAuthError.InvalidGrant) : await WrongAsync(attempt);
        // A game that says who it is collects for itself only.
        if (named.Length > 0 && named != content.App)
            return await WrongAsync(attempt);
        // A wrong verifier does not spend the code: whoever saw it over the player's shoulder could take it away.
        if (!Pkce.Answers(parameters["code_verifier"], content.CodeChallenge))
            return await WrongAsync(attempt);
        if (apps.Find(content.App) is not { } app)
            return Failure(OAuthError.InvalidGrant);
        // What is needed afterwards is at hand before the grant is taken: a vault that is down must not cost the player the token.
        var isStale = IsStale(app, content.Token);
        if (isStale)
            await secrets.ClientSecretAsync(app, request.HttpContext.RequestAborted);
        // From here on the game's patience does not count: a delete that is cut off may have happened.
        limiter.Used(grant.Key);
        if (!await store.TryTakeAsync(grant, CancellationToken.None))
            return Failure(OAuthError.InvalidGrant);

        metrics.Redeemed("ok");
        Log.Redeemed(logger, app.Name);
        var token = isStale ? await FreshAsync(app, content) : content.Token;
        now = time.GetUtcNow();
        return JsonReply.Token("oauth_token", SealedRefreshToken.SealInto(token, app, content.Granted(app.Provider), keys.Current(now)), now);
    }

    private bool IsStale(App app, TokenReply token) =>
        app.Provider.Refresh && token.RefreshToken is not null && token.ExpiresAt < time.GetUtcNow() + MinLifetime;

    /// <summary>
    /// The tokens, refreshed since they are about to die: some live less than the five minutes that a code may wait. It happens after the
    /// grant was taken, so that of many callers one refreshes. If it fails the game gets what there is, and can refresh by itself.
    /// </summary>
    private async Task<TokenReply> FreshAsync(App app, GrantContent content)
    {
        var token = content.Token;
        var refreshed = await provider.RefreshAsync(app, token.RefreshToken!, content.Granted(app.Provider), narrowed: false);
        return refreshed.Token is not { } fresh ? token : fresh with
        {
            TokenType = fresh.TokenType ?? token.TokenType,
            Scope = fresh.Scope ?? token.Scope,
            // What came with the sign-in alone, such as a profile, is not repeated by a refresh.
            Extra = (token.Extra ?? NoExtra).Concat(fresh.Extra ?? NoExtra).GroupBy(member => member.Key)
                .ToDictionary(members => members.Key, members => members.Last().Value) is { Count: > 0 } extra ? extra : null,
        };
    }

    private async Task<(Grant Grant, GrantContent Content)?> FindAsync(
        AccessCode code, IReadOnlyList<ProtectionKey> keys, DateTimeOffset now, CancellationToken cancellation)
    {
        foreach (var key in keys)
        {
            if (await store.FindAsync(key.GrantKey(code), cancellation) is { } grant)
                return now < grant.ExpiresAt && GrantContent.Open(grant, key, code) is { } content ? (grant, content) : null;
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

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Access code redeemed for app {App}")]
        public static partial void Redeemed(ILogger logger, string app);
    }
}
