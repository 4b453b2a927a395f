using Microsoft.IdentityModel.Tokens;

namespace TokenBroker.Endpoints;

/// <summary>
/// <c>GET /.well-known/oauth-authorization-server</c> and <c>GET /.well-known/openid-configuration</c>: where standard clients learn what
/// there is (RFC 8414, OpenID Connect Discovery 1.0). Both say the same.
/// </summary>
[RepliesTo(Audience.Game, ChangesNothing = true)]
public sealed class Metadata(AppCatalog apps, BrokerOptions options, ISecrets secrets)
{
    private const string OAuthPath = ".well-known/oauth-authorization-server";
    private const string OpenIdPath = ".well-known/openid-configuration";

    /// <summary>
    /// Answers an OAuth client. A public URL with a path is found where RFC 8414 §3.1 puts it, with the path at the end, and where its own
    /// path is in front.
    /// </summary>
    /// <param name="request">The client's request.</param>
    /// <returns>200 with JSON as RFC 8414 §3.2 says; 404 for another path than the public URL's.</returns>
    [Function(nameof(Metadata))]
    public async Task<IResult> Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", "options",
        Route = OAuthPath + "/{*issuerPath}")] HttpRequest request)
    {
        var asked = request.Path.Value![(request.Path.Value!.IndexOf(OAuthPath, StringComparison.OrdinalIgnoreCase) + OAuthPath.Length)..]
            .Trim('/');
        if (asked.Length > 0 && asked != options.PublicUrl.AbsolutePath.Trim('/'))
            return JsonReply.Failure(OAuthError.UnknownIssuer);
        return await AnswerAsync(request);
    }

    /// <summary>Answers an OpenID client.</summary>
    /// <param name="request">The client's request.</param>
    /// <returns>200 with JSON as OpenID Connect Discovery 1.0 §4.2 says.</returns>
    [Function(nameof(Metadata) + "OpenId")]
    public async Task<IResult> RunOpenId([HttpTrigger(AuthorizationLevel.Anonymous, "get", "options",
        Route = OpenIdPath)] HttpRequest request) =>
        await AnswerAsync(request);

    private async Task<IResult> AnswerAsync(HttpRequest request)
    {
        var keys = await secrets.SigningKeysAsync(request.HttpContext.RequestAborted);
        return JsonReply.Status(StatusCodes.Status200OK, json => Write(json, makesIdTokens: !keys.IsEmpty));
    }

    private void Write(Utf8JsonWriter json, bool makesIdTokens)
    {
        json.WriteString("issuer", options.Issuer);
        json.WriteString("authorization_endpoint", options.Url(Paths.Authorize));
        json.WriteString("device_authorization_endpoint", options.Url(Paths.DeviceAuthorization));
        json.WriteString("token_endpoint", options.Url(Paths.Token));
        json.WriteString("revocation_endpoint", options.Url(Paths.Revoke));
        WriteList("grant_types_supported", Token.CodeGrantType, Token.DeviceGrantType, Token.RefreshGrantType);
        WriteList("response_types_supported", "code");
        WriteList("response_modes_supported", "query");
        WriteList("code_challenge_methods_supported", Pkce.Method);
        string[] own = makesIdTokens ? [Registration.OpenId, "profile", "email"] : [];
        var scopes = apps.Registrations.SelectMany(registration => registration.Scopes).Union(own).Order(StringComparer.Ordinal);
        WriteList("scopes_supported", [.. scopes]);
        WriteList("ui_locales_supported", [.. Language.Tags]);
        WriteList("token_endpoint_auth_methods_supported", "none");
        WriteList("revocation_endpoint_auth_methods_supported", "none");
        WriteList("dpop_signing_alg_values_supported", DpopProofs.Algorithms);
        json.WriteBoolean("authorization_response_iss_parameter_supported", true);
        // OpenID Connect Discovery 1.0 §3 takes it to be true where it is absent.
        json.WriteBoolean("request_uri_parameter_supported", false);
        if (makesIdTokens)
        {
            json.WriteString("jwks_uri", options.Url(Paths.Jwks));
            WriteList("subject_types_supported", "public");
            WriteList("id_token_signing_alg_values_supported", SecurityAlgorithms.RsaSha256, SecurityAlgorithms.EcdsaSha256);
            WriteList("claims_supported", "iss", "aud", "sub", "iat", "exp", "auth_time", "nonce", "at_hash", "idp", "name", "picture",
                "email", "email_verified");
        }

        void WriteList(string name, params ReadOnlySpan<string> values)
        {
            json.WriteStartArray(name);
            foreach (var value in values)
                json.WriteStringValue(value);
            json.WriteEndArray();
        }
    }
}
