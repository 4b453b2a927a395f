using System.Net.Http.Headers;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace TokenBroker.OAuth;

/// <summary>How the broker proves at a token endpoint which client it is (RFC 6749 §2.3.1, RFC 7523).</summary>
internal static class ClientAuthentication
{
    /// <summary>How long a signed proof is good.</summary>
    public static readonly TimeSpan AssertionLifetime = TimeSpan.FromMinutes(5);

    private static readonly JsonWebTokenHandler Handler = new() { SetDefaultTimesOnTokenCreation = false };

    /// <summary>
    /// Adds the credentials to the request's headers or to its body's fields, in the place of those that were there. One way only: it
    /// never falls back to another.
    /// </summary>
    /// <param name="registration">The registration, whose provider says how.</param>
    /// <param name="credential">The client's secret, or its key in PEM.</param>
    /// <param name="now">The present.</param>
    /// <param name="headers">The request's headers.</param>
    /// <param name="body">The fields of its body.</param>
    public static void Apply(
        Registration registration, string credential, DateTimeOffset now, HttpRequestHeaders headers, IDictionary<string, string> body)
    {
        var clientId = registration.ClientId;
        var style = registration.Provider.ClientAuthentication;
        if (registration.Signs && style != ClientAuthenticationStyle.SignedSecret)
            style = ClientAuthenticationStyle.PrivateKeyJwt;
        switch (style)
        {
            case ClientAuthenticationStyle.Post:
                body["client_id"] = clientId;
                body["client_secret"] = credential;
                break;
            case ClientAuthenticationStyle.Basic:
                headers.Authorization = Basic(FormEncode(clientId), FormEncode(credential));
                break;
            case ClientAuthenticationStyle.BasicRaw:
                headers.Authorization = Basic(clientId, credential);
                break;
            case ClientAuthenticationStyle.PrivateKeyJwt:
                body["client_id"] = clientId;
                body["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
                body["client_assertion"] = Sign(registration, credential, now);
                break;
            case ClientAuthenticationStyle.SignedSecret:
                body["client_id"] = clientId;
                body["client_secret"] = Sign(registration, credential, now);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(registration));
        }
    }

    /// <summary>
    /// The client's JWT (RFC 7523 §3): made when it is needed, and kept nowhere. Its audience is the issuer, where one is known: whoever
    /// could choose the audience could use it elsewhere (draft-ietf-oauth-rfc7523bis).
    /// </summary>
    private static string Sign(Registration registration, string pem, DateTimeOffset now)
    {
        var assertion = registration.Provider.ClientAssertion!;
        var isTemplate = registration.Issuer?.Contains(Provider.TenantId, StringComparison.Ordinal) == true;
        var issuer = isTemplate ? null : registration.Issuer;
        var key = SigningKey.FromPem(pem)!; // Checked when it was read.
        var claims = new Dictionary<string, object>
        {
            ["iss"] = registration.ClientKeyIssuer ?? registration.ClientId,
            ["sub"] = registration.ClientId,
            ["aud"] = assertion.Audience ?? issuer ?? registration.Endpoints.Token!.AbsoluteUri,
            ["jti"] = Guid.NewGuid().ToString("N"),
            ["iat"] = now.ToUnixTimeSeconds(),
            ["nbf"] = now.ToUnixTimeSeconds(),
            ["exp"] = (now + AssertionLifetime).ToUnixTimeSeconds(),
        };
        var isKeyId = assertion.KeyHeader == "kid";
        return Handler.CreateToken(new SecurityTokenDescriptor
        {
            Claims = claims,
            SigningCredentials = new(key.Private(isKeyId ? registration.ClientKeyId : null), assertion.Algorithm),
            AdditionalHeaderClaims = isKeyId ? null : new Dictionary<string, object> { [assertion.KeyHeader] = registration.ClientKeyId! },
        });
    }

    private static AuthenticationHeaderValue Basic(string id, string secret) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{id}:{secret}")));

    // RFC 6749 Appendix B: the form's encoding, in which a space is a plus.
    private static string FormEncode(string text) => Uri.EscapeDataString(text).Replace("%20", "+", StringComparison.Ordinal);
}
