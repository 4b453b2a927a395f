using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using TokenBroker.Apps;
using TokenBroker.Http;
using TokenBroker.OAuth;
using TokenBroker.Secrets;

namespace TokenBroker.Endpoints;

/// <summary><c>POST /revoke</c>: where a game signs its player out (RFC 7009), with either of its tokens.</summary>
[RepliesTo(Audience.Game)]
public sealed partial class Revoke(
    AppCatalog apps, ISecrets secrets, ProviderClient provider, RevokedTokens revoked, ILogger<Revoke> logger)
{
    /// <summary>The path, below the public URL.</summary>
    internal const string Path = "revoke";

    /// <summary>Revokes at the provider, where it can, and refuses a sealed refresh token from now on (docs/decisions/0008).</summary>
    /// <param name="request">The game's form: <c>token</c>, <c>client_id</c>, and a hint that is not needed.</param>
    /// <returns>200 without content, also for an unknown token (RFC 7009 §2.2); 400 with an error of RFC 6749 §5.2; 503 when the provider should be asked again.</returns>
    [Function(nameof(Revoke))]
    public async Task<IResult> Run([HttpTrigger(AuthorizationLevel.Anonymous, "post", "options", Route = Path)] HttpRequest request)
    {
        if (await Parameters.OfFormAsync(request) is not { } parameters)
            return JsonReply.Failure(OAuthError.NoForm);
        if (parameters.Repeated("token", "token_type_hint", "client_id", "app") is { } repeated)
            return JsonReply.Failure(OAuthError.Repeated(repeated));
        if (parameters["token"] is not { } token)
            return JsonReply.Failure(OAuthError.Missing("token"));
        if (apps.Find(parameters["app"], parameters["client_id"]) is not { } app)
            return JsonReply.Failure(OAuthError.InvalidClient);

        var isSealed = SealedRefreshToken.IsSealed(token);
        var opened = isSealed ? SealedRefreshToken.Open(token, await secrets.ProtectionKeysAsync(request.HttpContext.RequestAborted)) : null;
        // One that is altered, or another game's, is unknown here: nothing happens, and RFC 7009 §2.2 wants no error.
        if (isSealed && opened?.AppName != app.Name)
            return new NoContent();
        if (opened is not null)
            revoked.Add(app, opened.Token);
        if (await provider.RevokeAsync(app, opened?.Token ?? token, isRefreshToken: isSealed) is { } error)
            return JsonReply.Failure(error);
        Log.Revoked(logger, app.Name);
        return new NoContent();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Token revoked for app {App}")]
        public static partial void Revoked(ILogger logger, string app);
    }
}
