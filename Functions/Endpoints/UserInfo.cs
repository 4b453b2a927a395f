using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TokenBroker.Apps;
using TokenBroker.Http;
using TokenBroker.OAuth;

namespace TokenBroker.Endpoints;

/// <summary><c>GET /userinfo[?app=…]</c>: the player's profile as the provider has it, read with the game's own access token.</summary>
[RepliesTo(Audience.Game)]
public sealed class UserInfo(AppCatalog apps, ProviderClient provider)
{
    /// <summary>Answers with the provider's JSON.</summary>
    /// <param name="request">The game's request, with a bearer token (RFC 6750 §2.1).</param>
    /// <returns>200 with JSON of at most 1 MiB; 401 or 403 where the provider says so; 400 where it has no user endpoint; 502 or 504 for its trouble.</returns>
    [Function(nameof(UserInfo))]
    public async Task<IResult> Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", "options", Route = "userinfo")] HttpRequest request)
    {
        var parameters = Parameters.OfQuery(request);
        if (parameters.Repeated("app", "client_id") is { } repeated)
            return JsonReply.Failure(OAuthError.Repeated(repeated));
        if (apps.Find(parameters["app"], parameters["client_id"]) is not { } app)
            return JsonReply.Failure(OAuthError.InvalidClient);
        if (request.Headers.Authorization.Count == 0)
            return JsonReply.Failure(OAuthError.MissingToken);
        if (!AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header) ||
            !header.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase) || header.Parameter is not { Length: > 0 } token ||
            token.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            return JsonReply.Failure(OAuthError.InvalidToken);
        }

        return await provider.UserInfoAsync(app, token, request.HttpContext.RequestAborted) switch
        {
            null => JsonReply.Failure(OAuthError.InvalidRequest("The game's provider has no user endpoint.")),
            (null, var error) => JsonReply.Failure(error!),
            var (json, _) => JsonReply.Raw(json),
        };
    }
}
