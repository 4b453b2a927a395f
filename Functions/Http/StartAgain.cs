using Microsoft.AspNetCore.Http;
using TokenBroker.Apps;
using TokenBroker.Endpoints;
using TokenBroker.OAuth;
using TokenBroker.Pages;
using TokenBroker.Providers;
using TokenBroker.Sessions;

namespace TokenBroker.Http;

/// <summary>
/// The way to begin a sign-in over: from its session, as long as there is one, and afterwards from a cookie that outlives it. The cookie holds
/// what the game's link said, and no secret.
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

    /// <summary>The link that begins a session over with the same parameters; null where a device waits for it: then the game begins.</summary>
    public static string? Link(HttpRequest request, BrokerOptions options, Session session)
    {
        if (session.IsForDevice)
            return null;
        var query = QueryString.Create("app", session.App);
        if (session.Scopes.Count > 0)
            query = query.Add("scopes", string.Join(',', session.Scopes));
        if (session.CodeChallenge is { } challenge)
            query = query.Add("code_challenge", challenge).Add("code_challenge_method", Pkce.Method);
        if (Language.Kept(request) is { } language)
            query = query.Add(Language.Parameter, language.Tag);
        return options.Path(CreateSession.Path) + query;
    }

    /// <summary>The link by which this browser began last, else the plain one to a game that needs no scopes; null where neither is at hand.</summary>
    public static string? Remembered(HttpRequest request, BrokerOptions options, App app) =>
        Remembered(request, options) ??
        (app.Provider.ScopeUse == ScopeUse.Required ? null : options.Path(CreateSession.Path) + QueryString.Create("app", app.Name));

    /// <summary>The link by which this browser began last; null when it has begun nothing lately.</summary>
    public static string? Remembered(HttpRequest request, BrokerOptions options) =>
        request.Cookies[Cookie] is { Length: > 0 } query ? $"{options.Path(CreateSession.Path)}?{query}" : null;
}
