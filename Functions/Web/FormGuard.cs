using System.Buffers.Text;

namespace TokenBroker.Web;

/// <summary>
/// Lets a form be sent only by the browser that was shown it: a cookie that other sites' forms do not bring along, and in the form a
/// token that follows from the cookie, from what the form is about, and from the protection key.
/// </summary>
internal sealed class FormGuard(HttpRequest request, BrokerOptions options, KeyRing keys, DateTimeOffset now)
{
    public const string Field = "form_token";
    private const int CookieBytes = 32;
    private const int CookieLength = 43;

    public BrokerOptions Options => options;

    /// <summary>On https the prefix keeps other hosts of the same domain from setting it (RFC 6265bis §4.1.3.2).</summary>
    private string CookieName => options.IsHttps ? "__Host-device_form" : "device_form";

    private string? Cookie => BrowserCookie.Read(request, CookieName) is { Length: CookieLength } value ? value : null;

    /// <summary>
    /// What stands for this browser in a session's record; null when it has no cookie. It follows from the key of the session's beginning,
    /// so that a rotation in between changes nothing.
    /// </summary>
    public string? BrowserOf(Session session) => Cookie is { } cookie ? keys.Current(session.BeganAt).FormToken(cookie, "browser") : null;

    /// <summary>Sets the cookie, if the browser has none.</summary>
    /// <returns>The token for the form.</returns>
    public string NewToken(string form)
    {
        var cookie = Cookie ?? Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(CookieBytes));
        BrowserCookie.Set(request.HttpContext.Response, options, CookieName, cookie, Session.Lifetime);
        return keys.Current(now).FormToken(cookie, form);
    }

    /// <summary>Whether a form that came back was shown to this browser, in constant time.</summary>
    public bool Accepts(string form, string? token) => token is not null && Cookie is { } cookie &&
        keys.Candidates(now).Any(key => ConstantTime.AreEqual(token, key.FormToken(cookie, form)));
}
