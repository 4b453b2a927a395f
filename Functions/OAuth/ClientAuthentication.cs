using System.Net.Http.Headers;

namespace TokenBroker.OAuth;

/// <summary>How the broker proves at a token endpoint which client it is (RFC 6749 §2.3.1).</summary>
internal static class ClientAuthentication
{
    /// <summary>Adds the credentials to the request's headers or to its body's fields, in the place of those that were there.</summary>
    public static void Apply(
        ClientAuthenticationStyle style, string clientId, string secret, HttpRequestHeaders headers, IDictionary<string, string> body)
    {
        switch (style)
        {
            case ClientAuthenticationStyle.Post:
                body["client_id"] = clientId;
                body["client_secret"] = secret;
                break;
            case ClientAuthenticationStyle.Basic:
                headers.Authorization = Basic(FormEncode(clientId), FormEncode(secret));
                break;
            case ClientAuthenticationStyle.BasicRaw:
                headers.Authorization = Basic(clientId, secret);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(style));
        }
    }

    private static AuthenticationHeaderValue Basic(string id, string secret) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{id}:{secret}")));

    // RFC 6749 Appendix B: the form's encoding, in which a space is a plus.
    private static string FormEncode(string text) => Uri.EscapeDataString(text).Replace("%20", "+", StringComparison.Ordinal);
}
