using Microsoft.AspNetCore.Http;

namespace TokenBroker.Sessions;

/// <summary>The cookie that ties a session to the player's browser: the session id, and whether that browser was told of success.</summary>
/// <param name="Id">The session id.</param>
/// <param name="Finished">Whether the response that finished the sign-in has reached this browser.</param>
internal sealed record SessionCookie(SessionId Id, bool Finished)
{
    public const string Name = "unity_session_id";
    private const string FinishedMark = ".finished";

    /// <summary>
    /// On https the cookie has a twin: a name with this prefix can only be set by this very host over https (RFC 6265bis §4.1.3.2), so nobody
    /// plants a session of their own, from a neighbouring host or from the network, into a player's browser.
    /// </summary>
    private const string Twin = $"__Host-{Name}";

    public static SessionCookie? Read(HttpRequest request, bool secure)
    {
        if (request.Cookies[Name] is not { } value || (secure && request.Cookies[Twin] != value))
            return null;
        var finished = value.EndsWith(FinishedMark, StringComparison.Ordinal);
        return SessionId.TryParse(finished ? value[..^FinishedMark.Length] : value) is { } id ? new(id, finished) : null;
    }

    public void Write(HttpResponse response, DateTimeOffset now, bool secure)
    {
        var value = Finished ? Id.Text + FinishedMark : Id.Text;
        var attributes = new CookieOptions
        {
            // Whole seconds; the broker itself looks at the clock to the millisecond.
            MaxAge = TimeSpan.FromSeconds(Math.Max(0, Math.Ceiling((Id.CreatedAt + Session.Lifetime - now).TotalSeconds))),
            HttpOnly = true,
            // The way back from the provider is a cross-site navigation, which Strict would strip the cookie from.
            SameSite = SameSiteMode.Lax,
            Path = "/",
            Secure = secure,
        };
        response.Cookies.Append(Name, value, attributes);
        if (secure)
            response.Cookies.Append(Twin, value, attributes);
    }
}
