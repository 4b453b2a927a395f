using Microsoft.AspNetCore.Http;

namespace TokenBroker.Local.Emulators;

/// <summary>
/// LifeScope: comma-separated scopes whose case does not count, JSON token requests, errors under status 200, a lifetime in a string,
/// refresh without a new refresh token, and a denial without state.
/// </summary>
internal sealed class EmulatedLifeScope : EmulatedProvider
{
    private static readonly string[] Known = ["basic", "contacts:read", "content:read", "events:read", "locations:read", "people:read"];
    private readonly Tokens _refreshTokens = new();

    public override string Name => "lifescope";

    protected override string AuthorizePath => "/auth";

    protected override string TokenPath => "/auth/access_token";

    protected override string? FindProblem(IQueryCollection query, out Authorization authorization)
    {
        var scopes = query["scope"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries);
        authorization = new(query["client_id"].ToString(), query["redirect_uri"].ToString(), query["state"], scopes);
        return !IsClientId(query["client_id"]) ? "There is no such client."
            : query["redirect_uri"] != RedirectUri ? "The redirect URI is not registered."
            : query["response_type"] != "code" ? "The response type must be code."
            : scopes.Length == 0 ? "At least one scope is needed."
            : !scopes.All(scope => Known.Contains(scope, StringComparer.OrdinalIgnoreCase)) ? "A scope is unknown."
            : null;
    }

    protected override string Return(Authorization authorization, string? code) => code is null
        ? Query(authorization.RedirectUri, ("error", "access_denied"), ("error_description", "The user denied the request"))
        : Query(authorization.RedirectUri, ("code", code), ("state", authorization.State));

    protected override async Task AnswerTokenAsync(HttpContext http)
    {
        if (!http.Request.HasContentType("application/json") || await http.Request.ReadJsonAsync() is not { } body)
            await RefuseAsync(http, "The body must be JSON");
        else if (!IsClientId(body.GetValueOrDefault("client_id")) || body.GetValueOrDefault("client_secret") != ClientSecret)
            await RefuseAsync(http, "Invalid client");
        else if (body.GetValueOrDefault("grant_type") == "refresh_token")
            await RefreshAsync(http, body);
        else if (body.GetValueOrDefault("grant_type") != "authorization_code")
            await RefuseAsync(http, "Unknown grant type");
        else if (Redeem(body.GetValueOrDefault("code"), body.GetValueOrDefault("client_id")) is not { } authorization)
            await RefuseAsync(http, "Invalid code");
        else if (body.GetValueOrDefault("redirect_uri") != authorization.RedirectUri)
            await RefuseAsync(http, "The redirect URI is not the one the code was given to");
        else
            await IssueAsync(http, authorization);
    }

    private Task IssueAsync(HttpContext http, Authorization authorization) => WriteAsync(http, new
    {
        access_token = Tokens.NewValue(64),
        refresh_token = _refreshTokens.New(authorization, 64),
        expires_in = "2592000",
        connection_id_string = authorization.Player,
    });

    // The old refresh token stays good, and is not repeated.
    private Task RefreshAsync(HttpContext http, Dictionary<string, string> body) =>
        _refreshTokens.Find(body.GetValueOrDefault("refresh_token")) is { } found
        ? WriteAsync(http, new { access_token = Tokens.NewValue(64), expires_in = "2592000", connection_id_string = found.Player })
        : RefuseAsync(http, "Invalid refresh token");

    private static Task RefuseAsync(HttpContext http, string message) => WriteAsync(http, new { code = 400, message });

    private static Task WriteAsync(HttpContext http, object reply) => http.Response.WriteAsJsonAsync(reply);
}
