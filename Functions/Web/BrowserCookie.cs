using Microsoft.Net.Http.Headers;
using SameSiteMode = Microsoft.AspNetCore.Http.SameSiteMode;

namespace TokenBroker.Web;

/// <summary>How every cookie is set: for the whole site, out of reach of scripts, and over https only where the broker has it.</summary>
internal static class BrowserCookie
{
    /// <summary>
    /// The values of all cookies of exactly this name. ASP.NET Core's own collection ignores case, and some browsers guard the prefix
    /// <c>__Host-</c> in this spelling only.
    /// </summary>
    public static IEnumerable<string> ReadAll(HttpRequest request, string name) =>
        CookieHeaderValue.TryParseList([.. request.Headers.Cookie.OfType<string>()], out var cookies)
            ? cookies.Where(cookie => cookie.Name == name).Select(cookie => cookie.Value.ToString())
            : [];

    /// <summary>The value of the cookie of exactly this name; null when there is none.</summary>
    public static string? Read(HttpRequest request, string name) => ReadAll(request, name).FirstOrDefault();

    /// <summary>
    /// Sets a cookie. The way back from a provider is a cross-site navigation, to which <c>SameSite=Strict</c> would not send it.
    /// </summary>
    public static void Set(HttpResponse response, BrokerOptions options, string name, string value, TimeSpan maxAge) =>
        response.Cookies.Append(name, value, new CookieOptions
        {
            MaxAge = maxAge,
            HttpOnly = true,
            SameSite = SameSiteMode.Lax,
            Path = "/",
            Secure = options.IsHttps,
        });
}
