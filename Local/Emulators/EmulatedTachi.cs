using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using static TokenBroker.Local.Emulators.TokenReplies;

namespace TokenBroker.Local.Emulators;

/// <summary>
/// Tachi: <c>clientID</c> and <c>context</c> and nothing else on the way there, a JSON token request of exactly five fields, an API key
/// that lives for ever.
/// </summary>
internal sealed class EmulatedTachi : EmulatedProvider
{
    private static readonly string[] Fields = ["client_id", "client_secret", "grant_type", "redirect_uri", "code"];
    private readonly Tokens _apiKeys = new();

    public override string Name => "tachi";

    protected override string AuthorizePath => "/oauth/request-auth";

    protected override string TokenPath => "/api/v1/oauth/token";

    protected override string UserInfoPath => "/api/v1/users/me";

    protected override string? FindProblem(IQueryCollection query, out Authorization authorization)
    {
        authorization = new(query["clientID"].ToString(), RedirectUri, query["context"], []);
        return !IsClientId(query["clientID"]) ? "There is no such client." : null;
    }

    // Declining goes nowhere: the player stays here, and the session ends by itself.
    protected override string Return(Authorization authorization, string? code) =>
        code is null
            ? new Uri(Url, "/declined").AbsoluteUri
            : Query(authorization.RedirectUri, ("code", code), ("context", authorization.State));

    protected override void Map(WebApplication app)
    {
        app.MapGet("/declined", () => EmulatorPages.Problem(Name, "You declined. Nothing was shared."));
        app.MapGet(UserInfoPath, (HttpRequest request) =>
            _apiKeys.Find(request.Bearer()) is { } player
                ? Results.Json(new { success = true, description = "Found user.", body = new { id = 1, username = player.Player } })
                : Results.Json(new { success = false, description = "This API key does not exist." }, statusCode: 401));
    }

    protected override async Task AnswerTokenAsync(HttpContext http)
    {
        if (!http.Request.HasContentType("application/json") || await http.Request.ReadJsonAsync() is not { } body)
            await RefuseAsync(http, 400, "The body must be JSON.");
        else if (!body.Keys.Order().SequenceEqual(Fields.Order()))
            await RefuseAsync(http, 400, "All five fields are needed, and no other.");
        else if (body["grant_type"] != "authorization_code")
            await RefuseAsync(http, 400, "The grant type must be authorization_code.");
        else if (!IsClientId(body["client_id"]))
            await RefuseAsync(http, 404, "This client does not exist.");
        else if (body["client_secret"] != ClientSecret)
            await RefuseAsync(http, 403, "The client secret is wrong.");
        else if (body["redirect_uri"] != RedirectUri)
            await RefuseAsync(http, 400, "The redirect URI is wrong.");
        else if (Redeem(body["code"], body["client_id"]) is not { } authorization)
            await RefuseAsync(http, 404, "This code does not exist.");
        else
            await WriteAsync(http, 200, new { success = true, description = "Created API key.", body = Key(authorization) });
    }

    private object Key(Authorization authorization) => new
    {
        userID = 1,
        token = _apiKeys.New(authorization, 40),
        identifier = "Demo Token",
        permissions = new { customise_profile = true },
        fromOAuth2Client = authorization.ClientId,
    };

    private static Task RefuseAsync(HttpContext http, int status, string description) =>
        WriteAsync(http, status, new { success = false, description });
}
