using System.Net.Http.Headers;

namespace TokenBroker.Endpoints;

/// <summary>
/// <c>GET /userinfo[?app=…][&amp;provider=…]</c>: the player's profile as the provider has it, read with the game's own access token.
/// </summary>
[RepliesTo(Audience.Game)]
public sealed class UserInfo(AppCatalog apps, FailureLimiter failures, ReadUserInfo read)
{
    /// <summary>Answers with the provider's JSON.</summary>
    /// <param name="request">The game's request, with a bearer token (RFC 6750 §2.1).</param>
    /// <returns>
    /// 200 with JSON of at most 1 MiB; 401 or 403 where the provider says so; 400 where it has no user endpoint; 429 after thirty
    /// refused tokens; 502 or 504 when the provider fails.
    /// </returns>
    [Function(nameof(UserInfo))]
    public async Task<IResult> Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", "options", Route = "userinfo")] HttpRequest request)
    {
        var parameters = await Parameters.ReadAsync(request, "app", "client_id", "provider");
        if (parameters.Error is { } error)
            return JsonReply.Failure(error);
        if (apps.Find(parameters["app"], parameters["client_id"]) is not { } app)
            return JsonReply.Failure(OAuthError.InvalidClient);
        // A token is never tried at several providers.
        if (app.Find(parameters["provider"]) is not { } registration)
            return JsonReply.Failure(OAuthError.InvalidRequest(app.ProviderProblem));
        if (request.Headers.Authorization.Count == 0)
            return JsonReply.Failure(OAuthError.MissingToken);
        if (BearerToken(request) is not { } token)
            return JsonReply.Failure(OAuthError.InvalidToken);

        var address = ClientAddress.Of(request);
        using var attempt = await failures.TryEnterAsync(FailureKind.AccessToken, address, request.HttpContext.RequestAborted);
        if (attempt is null)
            return JsonReply.Failure(OAuthError.TooManyAttempts, failures.WaitOf(FailureKind.AccessToken, address));
        var result = await read.RunAsync(registration, token, attempt);
        return result.Succeeded ? JsonReply.Raw(result.Value) : JsonReply.Failure(OAuthError.Of(result.Failure.Value));
    }

    private static string? BearerToken(HttpRequest request)
    {
        if (!AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header))
            return null;
        var isBearer = header.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase);
        if (!isBearer || header.Parameter is not { Length: > 0 } token)
            return null;
        return token.AsSpan().ContainsAnyExceptInRange('!', '~') ? null : token;
    }
}
