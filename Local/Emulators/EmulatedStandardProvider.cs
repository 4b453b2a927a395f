using Microsoft.AspNetCore.Http;
using TokenBroker.Crypto;
using static TokenBroker.Local.Emulators.TokenReplies;

namespace TokenBroker.Local.Emulators;

/// <summary>
/// A provider that keeps to RFC 6749, with refresh tokens that rotate: what differs is left to the class derived from this.
/// </summary>
internal abstract class EmulatedStandardProvider : EmulatedProvider
{
    private readonly Tokens _refreshTokens = new();

    /// <summary>The one content type that token requests may have.</summary>
    protected virtual string ContentType => "application/x-www-form-urlencoded";

    protected abstract int RefreshTokenLength { get; }

    protected override string? FindProblem(IQueryCollection query, out Authorization authorization)
    {
        var scopes = query["scope"].ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var redirectUri = query.ContainsKey("redirect_uri") ? query["redirect_uri"].ToString() : RedirectUri;
        authorization = new(query["client_id"].ToString(), redirectUri, query["state"], scopes)
        {
            Nonce = query["nonce"],
            CodeChallenge = query["code_challenge"],
        };
        return !IsClientId(query["client_id"]) ? "There is no such client."
            : redirectUri != RedirectUri ? "The redirect URI is not registered."
            : query["response_type"] != "code" ? "The response type must be code."
            : !AreScopes(scopes) ? "The scope is missing or unknown."
            : null;
    }

    protected override string Return(Authorization authorization, string? code) => code is null
        ? Query(authorization.RedirectUri, ("error", "access_denied"), ("state", authorization.State))
        : Query(authorization.RedirectUri, ("code", code), ("state", authorization.State));

    protected override async Task AnswerTokenAsync(HttpContext http)
    {
        if (!http.Request.HasContentType(ContentType) || await http.Request.ReadFieldsAsync() is not { } fields)
            await RefuseAsync(http, "invalid_request");
        else if (!IsClient(http.Request, fields))
            await RefuseAsync(http, "invalid_client", 401);
        else if (fields.GetValueOrDefault("grant_type") is not ("authorization_code" or "refresh_token"))
            await RefuseAsync(http, "unsupported_grant_type");
        else if (!IsScopeFit(fields))
            await RefuseAsync(http, "invalid_scope");
        else if (Grant(http.Request, fields) is not { } authorization)
            await RefuseAsync(http, "invalid_grant");
        else if (fields.GetValueOrDefault("scope", "").Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Except(authorization.Scopes, StringComparer.OrdinalIgnoreCase).Any())
            await RefuseAsync(http, "invalid_scope");
        else
            await WriteAsync(http, 200, Issue(authorization, _refreshTokens.New(authorization, RefreshTokenLength), fields));
    }

    /// <summary>Whether these scopes may be asked for.</summary>
    protected abstract bool AreScopes(string[] scopes);

    /// <summary>Whether a token request's scope is as it must be.</summary>
    protected virtual bool IsScopeFit(Dictionary<string, string> fields) => true;

    /// <summary>Whether the client has authenticated; by default with its secret in the body and in no other way.</summary>
    protected virtual bool IsClient(HttpRequest request, Dictionary<string, string> fields) => request.BasicCredentials() is null &&
        IsClientId(fields.GetValueOrDefault("client_id")) && fields.GetValueOrDefault("client_secret") == ClientSecret;

    /// <summary>The reply.</summary>
    protected abstract object Issue(Authorization authorization, string refreshToken, Dictionary<string, string> fields);

    private static bool IsVerifier(Authorization authorization, Dictionary<string, string> fields) =>
        authorization.CodeChallenge is not { Length: > 0 } challenge ||
            Pkce.Verify(fields.GetValueOrDefault("code_verifier"), challenge);

    private Authorization? Grant(HttpRequest request, Dictionary<string, string> fields) => fields["grant_type"] == "refresh_token"
        ? _refreshTokens.Take(fields.GetValueOrDefault("refresh_token"))
        : Redeem(fields.GetValueOrDefault("code"), request.BasicCredentials()?.Id ?? fields.GetValueOrDefault(
            "client_id")) is { } authorization &&
            fields.GetValueOrDefault("redirect_uri") == authorization.RedirectUri && IsVerifier(authorization, fields)
            ? authorization
            : null;
}
