namespace TokenBroker.Web;

/// <summary>How every cookie is set: for the whole site, out of reach of scripts, and over https only where the broker has it.</summary>
internal static class BrowserCookie
{
    /// <summary>
    /// The values of all cookies of exactly this name (RFC 6265 §4.2.1). ASP.NET Core's own readers ignore case, or take a comma, a blank
    /// or what is not ASCII for a cookie's end, so that a neighbouring host could hide a name with the prefix <c>__Host-</c> in another.
    /// </summary>
    public static IReadOnlyList<string> ReadAll(HttpRequest request, string name)
    {
        var values = new List<string>();
        foreach (var header in request.Headers.Cookie)
        {
            foreach (var range in header.AsSpan().Split(';'))
            {
                var pair = header.AsSpan(range).Trim(" \t");
                var isNamed = pair.StartsWith(name, StringComparison.Ordinal) && pair.Length > name.Length && pair[name.Length] == '=';
                if (isNamed)
                    values.Add(pair[(name.Length + 1)..].ToString());
            }
        }
        return values;
    }

    /// <summary>The value of the one cookie of exactly this name; null when there is none, or more than one.</summary>
    public static string? Read(HttpRequest request, string name) => ReadAll(request, name) is [var value] ? value : null;

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
