using Microsoft.AspNetCore.Http;

namespace TokenBroker.Sessions;

/// <summary>The cookie that ties a session to the player's browser: the session id, and once the sign-in is finished its receipt.</summary>
/// <param name="Id">The session id.</param>
/// <param name="Receipt">Null until the response that finished the sign-in has reached this browser.</param>
internal sealed record SessionCookie(SessionId Id, Receipt? Receipt = null)
{
    public const string Name = "unity_session_id";
    private const char Separator = '.';

    /// <summary>
    /// On https the cookie has a twin: a name with this prefix can only be set by this very host over https (RFC 6265bis §4.1.3.2), so nobody
    /// plants a session of their own, from a neighbouring host or from the network, into a player's browser.
    /// </summary>
    private const string Twin = $"__Host-{Name}";

    public static SessionCookie? Read(HttpRequest request, bool secure)
    {
        if (request.Cookies[Name] is not { } value || (secure && request.Cookies[Twin] != value))
            return null;
        var end = value.IndexOf(Separator, StringComparison.Ordinal);
        return SessionId.TryParse(end < 0 ? value : value[..end]) is { } id ? new(id, end < 0 ? null : Receipt.TryParse(value[(end + 1)..])) : null;
    }

    public void Write(HttpResponse response, DateTimeOffset now, bool secure)
    {
        var value = Receipt is null ? Id.Text : $"{Id.Text}{Separator}{Receipt.Text}";
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
