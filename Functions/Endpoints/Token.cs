using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using TokenBroker.Apps;
using TokenBroker.Http;
using TokenBroker.OAuth;
using TokenBroker.Secrets;

namespace TokenBroker.Endpoints;

/// <summary>
/// <c>POST /token</c>: where a game refreshes its token (RFC 6749 §6), with the sealed refresh token that it was given. The broker adds
/// the client secret and the provider's dialect.
/// </summary>
public sealed partial class Token(
    AppCatalog apps, ISecrets secrets, ProviderClient provider, TimeProvider time, Faults faults, ILogger<Token> logger)
{
    /// <summary>Answers with new tokens or with an error.</summary>
    /// <param name="request">The game's form.</param>
    /// <returns>200 with <c>access_token</c> and the <c>refresh_token</c> to use next; 400 with an error of RFC 6749 §5.2; 502 or 504 for trouble of the provider.</returns>
    [Function(nameof(Token))]
    public Task<IResult> Run([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "token")] HttpRequest request) =>
        faults.ToGame(request, () => AnswerAsync(request));

    private async Task<IResult> AnswerAsync(HttpRequest request)
    {
        if (await Parameters.OfFormAsync(request) is not { } parameters)
            return JsonReply.Failure(OAuthError.InvalidRequest("The body must be application/x-www-form-urlencoded."));
        if (parameters.Repeated("grant_type", "refresh_token", "client_id", "app", "scope") is { } repeated)
            return JsonReply.Failure(OAuthError.InvalidRequest($"The parameter '{repeated}' is given more than once."));
        if (parameters["grant_type"] is not { } grantType)
            return JsonReply.Failure(OAuthError.InvalidRequest("The parameter 'grant_type' is missing."));
        if (grantType != "refresh_token")
            return JsonReply.Failure(OAuthError.UnsupportedGrantType);
        if (parameters["refresh_token"] is not { } refreshToken)
            return JsonReply.Failure(OAuthError.InvalidRequest("The parameter 'refresh_token' is missing."));
        if (apps.Find(parameters["app"], parameters["client_id"]) is not { } app)
            return JsonReply.Failure(OAuthError.InvalidClient);

        var keys = await secrets.ProtectionKeysAsync(request.HttpContext.RequestAborted);
        if (SealedRefreshToken.Open(refreshToken, keys) is not { } granted || granted.AppName != app.Name)
            return JsonReply.Failure(OAuthError.InvalidRefreshToken);
        if (App.Narrow(parameters["scope"], granted.Scopes) is not { } scopes)
            return JsonReply.Failure(OAuthError.InvalidScope);

        var result = await provider.RefreshAsync(app, granted.Token, scopes, narrowed: scopes.Count < granted.Scopes.Count);
        if (result.Token is not { } token)
            return JsonReply.Failure(result.Error!);
        Log.Refreshed(logger, app.Name);
        var now = time.GetUtcNow();
        // RFC 6749 §6: the new refresh token reaches as far as the old one did, whatever this access token was narrowed to.
        return JsonReply.Token("access_token", SealedRefreshToken.SealInto(token, app, granted.Scopes, keys.Current(now)), now);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Token refreshed for app {App}")]
        public static partial void Refreshed(ILogger logger, string app);
    }
}
