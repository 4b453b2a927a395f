namespace TokenBroker.Web;

/// <summary>The cookie that ties a session to the player's browser: the session id.</summary>
internal static class SessionCookie
{
    /// <summary>The name that the seed documents give it.</summary>
    public const string Name = "unity_session_id";

    /// <summary>
    /// On https the cookie comes twice. Only this very host, over https, can set a cookie with this prefix (RFC 6265bis §4.1.3.2), so no
    /// neighbouring host, and nobody in the network, can plant a session of their own in a player's browser.
    /// </summary>
    private const string HostOnlyName = $"__Host-{Name}";

    /// <summary>The browser's session id; null when it has none, or its two cookies differ.</summary>
    public static SessionId? Read(HttpRequest request, BrokerOptions options)
    {
        if (!options.IsHttps)
            return SessionId.TryParse(BrowserCookie.Read(request, Name));
        var value = BrowserCookie.Read(request, HostOnlyName);
        // A neighbouring host may have set another of the plain name; it must not end this sign-in.
        return BrowserCookie.ReadAll(request, Name).Contains(value) ? SessionId.TryParse(value) : null;
    }

    public static void Write(HttpResponse response, SessionId id, DateTimeOffset now, BrokerOptions options)
    {
        // Whole seconds, rounded up; the broker itself checks to the millisecond.
        var seconds = Math.Ceiling((id.BeganAt + Session.Lifetime - now).TotalSeconds);
        var maxAge = TimeSpan.FromSeconds(Math.Max(0, seconds));
        BrowserCookie.Set(response, options, Name, id.Text, maxAge);
        if (options.IsHttps)
            BrowserCookie.Set(response, options, HostOnlyName, id.Text, maxAge);
    }
}
