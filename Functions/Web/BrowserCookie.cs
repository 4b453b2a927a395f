namespace TokenBroker.Web;

/// <summary>How every cookie is set: for the whole site, out of reach of scripts, and over https only where the broker has it.</summary>
internal static class BrowserCookie
{
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
