using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using TokenBroker.Secrets;
using TokenBroker.Sessions;

namespace TokenBroker.Http;

/// <summary>
/// Lets a form be sent only by the browser that was shown it: a cookie that other sites cannot make the browser send, and in the form a
/// token that follows from the cookie, from what the form is about, and from the protection key.
/// </summary>
internal sealed class FormGuard(HttpRequest request, BrokerOptions options)
{
    public const string Field = "form_token";
    private const int Bytes = 32;

    /// <summary>On https the prefix keeps other hosts of the same domain from setting it (RFC 6265bis §4.1.3.2).</summary>
    private string Cookie => options.IsHttps ? "__Host-device_form" : "device_form";

    /// <summary>Sets the cookie, if the browser has none.</summary>
    /// <returns>What must stand in the form.</returns>
    public string Show(ProtectionKey key, string form)
    {
        var browser = Browser() ?? Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));
        request.HttpContext.Response.Cookies.Append(Cookie, browser, new CookieOptions
        {
            MaxAge = Session.Lifetime,
            HttpOnly = true,
            SameSite = SameSiteMode.Strict,
            Path = "/",
            Secure = options.IsHttps,
        });
        return key.FormToken(browser, form);
    }

    /// <summary>Whether a form that came back was shown to this browser, in constant time.</summary>
    public bool Accepts(ProtectionKey key, string form, string? token) =>
        token is not null && Browser() is { } browser &&
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(key.FormToken(browser, form)));

    private string? Browser() => request.Cookies[Cookie] is { Length: 43 } browser ? browser : null;
}
