using Microsoft.AspNetCore.Http;
using TokenBroker.Endpoints;

namespace TokenBroker.Http;

/// <summary>
/// Remembers how a sign-in began, in a cookie that outlives it: when the five minutes are over nothing else is left of it, and the player
/// needs a way to begin again. It holds what the game's link said, and no secret.
/// </summary>
internal static class StartAgain
{
    private const string Cookie = "start_again";
    private const int MaxLength = 1000;
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    public static void Remember(HttpRequest request, bool secure)
    {
        var query = request.QueryString.Value ?? "";
        if (query.Length is > 0 and <= MaxLength)
            request.HttpContext.Response.Cookies.Append(
                Cookie, query[1..], new CookieOptions { MaxAge = Lifetime, HttpOnly = true, SameSite = SameSiteMode.Lax, Path = "/", Secure = secure });
        else
            Forget(request);
    }

    /// <summary>What this browser begins now cannot be begun again from here: an earlier sign-in must not be offered in its place.</summary>
    public static void Forget(HttpRequest request)
    {
        if (request.Cookies.ContainsKey(Cookie))
            request.HttpContext.Response.Cookies.Delete(Cookie, new CookieOptions { Path = "/" });
    }

    /// <summary>The link that begins over; null when this browser has begun nothing lately.</summary>
    public static string? Link(HttpRequest request, BrokerOptions options) =>
        request.Cookies[Cookie] is { Length: > 0 } query ? $"{options.Path(CreateSession.Path)}?{query}" : null;
}
