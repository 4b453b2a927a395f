using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using TokenBroker.Apps;
using TokenBroker.Http;
using TokenBroker.OAuth;
using TokenBroker.Secrets;
using TokenBroker.Sessions;

namespace TokenBroker.Endpoints;

/// <summary>
/// <c>POST /token</c>: where a game refreshes its token (RFC 6749 §6), with the sealed refresh token that it was given, and where a device
/// polls for its first one (RFC 8628 §3.4). The broker adds the client secret and the provider's dialect.
/// </summary>
[RepliesTo(Audience.Game)]
public sealed partial class Token(
    AppCatalog apps, ISecrets secrets, ProviderClient provider, RevokedTokens revoked, DeviceSignIn devices, TimeProvider time,
    ILogger<Token> logger)
{
    /// <summary>The path, below the public URL.</summary>
    internal const string Path = "token";

    /// <summary>RFC 6749 §6.</summary>
    internal const string RefreshGrantType = "refresh_token";

    /// <summary>RFC 8628 §3.4.</summary>
    internal const string DeviceGrantType = "urn:ietf:params:oauth:grant-type:device_code";

    /// <summary>Answers with new tokens or with an error.</summary>
    /// <param name="request">The game's form.</param>
    /// <returns>200 with <c>access_token</c> and the <c>refresh_token</c> to use next; 400 with an error of RFC 6749 §5.2 or RFC 8628 §3.5; 502 or 504 for trouble of the provider.</returns>
    [Function(nameof(Token))]
    public async Task<IResult> Run([HttpTrigger(AuthorizationLevel.Anonymous, "post", "options", Route = Path)] HttpRequest request)
    {
        if (await Parameters.OfFormAsync(request) is not { } parameters)
            return JsonReply.Failure(OAuthError.NoForm);
        if (parameters.Repeated("grant_type", "refresh_token", "device_code", "client_id", "app", "scope") is { } repeated)
            return JsonReply.Failure(OAuthError.Repeated(repeated));
        var cancellation = request.HttpContext.RequestAborted;
        return parameters["grant_type"] switch
        {
            null => JsonReply.Failure(OAuthError.Missing("grant_type")),
            RefreshGrantType => await RefreshAsync(parameters, cancellation),
            DeviceGrantType => await PollAsync(parameters, cancellation),
            _ => JsonReply.Failure(OAuthError.UnsupportedGrantType),
        };
    }

    private async Task<IResult> RefreshAsync(Parameters parameters, CancellationToken cancellation)
    {
        if (parameters["refresh_token"] is not { } refreshToken)
            return JsonReply.Failure(OAuthError.Missing("refresh_token"));
        if (apps.Find(parameters["app"], parameters["client_id"]) is not { } app)
            return JsonReply.Failure(OAuthError.InvalidClient);

        var keys = await secrets.ProtectionKeysAsync(cancellation);
        if (SealedRefreshToken.Open(refreshToken, keys) is not { } granted || granted.AppName != app.Name || revoked.Contains(app, granted.Token))
            return JsonReply.Failure(OAuthError.InvalidRefreshToken);
        if (App.Narrow(parameters["scope"], granted.Scopes) is not { } scopes)
            return JsonReply.Failure(OAuthError.InvalidScope);

        var result = await provider.RefreshAsync(app, granted.Token, scopes, narrowed: scopes.Count < granted.Scopes.Count);
        if (result.Token is not { } token)
            return JsonReply.Failure(result.Error!);
        Log.Refreshed(logger, app.Name);
        // RFC 6749 §6: the new refresh token reaches as far as the old one did, whatever this access token was narrowed to.
        return Reply(SealedRefreshToken.SealInto(token, app, granted.Scopes, keys.Current(time.GetUtcNow())));
    }

    /// <summary>RFC 8628 §3.4. What was asked for stands in the session; a scope in the poll changes nothing.</summary>
    private async Task<IResult> PollAsync(Parameters parameters, CancellationToken cancellation)
    {
        if (parameters["device_code"] is not { } text)
            return JsonReply.Failure(OAuthError.Missing("device_code"));
        if (apps.Find(parameters["app"], parameters["client_id"]) is not { } app)
            return JsonReply.Failure(OAuthError.InvalidClient);
        if (DeviceCode.TryParse(text) is not { } code)
            return JsonReply.Failure(OAuthError.InvalidGrant);
        var result = await devices.PollAsync(app, code, cancellation);
        return result.Token is { } token ? Reply(token) : JsonReply.Failure(result.Error!);
    }

    /// <summary>RFC 6749 §5.1 demands a token type, and standard clients insist on it; a token whose provider names none is a bearer token.</summary>
    private JsonReply Reply(TokenReply token) =>
        JsonReply.Token("access_token", token with { TokenType = token.TokenType ?? "Bearer" }, time.GetUtcNow());

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Token refreshed for app {App}")]
        public static partial void Refreshed(ILogger logger, string app);
    }
}
