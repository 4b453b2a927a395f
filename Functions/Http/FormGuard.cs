using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using TokenBroker.Secrets;
using TokenBroker.Sessions;

namespace TokenBroker.Http;

/// <summary>
/// Lets a form be sent only by the browser that was shown it: a cookie that other sites' forms do not bring along, and in the form a
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
        var browser = CookieValue() ?? Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));
        request.HttpContext.Response.Cookies.Append(Cookie, browser, new CookieOptions
        {
            MaxAge = Session.Lifetime,
            HttpOnly = true,
            // Strict would withhold it from a link that is followed twice, and each page would then make the other's form worthless.
            SameSite = SameSiteMode.Lax,
            Path = "/",
            Secure = options.IsHttps,
        });
        return key.FormToken(browser, form);
    }

    /// <summary>Whether a form that came back was shown to this browser, in constant time.</summary>
    public bool Accepts(ProtectionKey key, string form, string? token) =>
        token is not null && CookieValue() is { } browser &&
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(key.FormToken(browser, form)));

    /// <summary>What stands for this browser in storage; null when it has no cookie.</summary>
    public string? Browser(ProtectionKey key) => CookieValue() is { } browser ? key.FormToken(browser, "browser") : null;

    private string? CookieValue() => request.Cookies[Cookie] is { Length: 43 } browser ? browser : null;
}
