namespace TokenBroker.Web;

/// <summary>
/// The link that begins a sign-in again: built from its session while there is one, and afterwards from a cookie that outlives it. The
/// cookie holds what the game's link said, and no secret.
/// </summary>
internal static class StartAgain
{
    private const string Cookie = "start_again";
    private const int MaxLength = 1000;
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    public static void Remember(HttpRequest request, BrokerOptions options)
    {
        var query = request.QueryString.Value ?? "";
        if (query.Length is > 0 and <= MaxLength)
            BrowserCookie.Set(request.HttpContext.Response, options, Cookie, query[1..], Lifetime);
        else
            Forget(request);
    }

    /// <summary>For a sign-in that cannot begin again from here: an earlier one must not be offered in its place.</summary>
    public static void Forget(HttpRequest request)
    {
        if (request.Cookies.ContainsKey(Cookie))
            request.HttpContext.Response.Cookies.Delete(Cookie, new CookieOptions { Path = "/" });
    }

    /// <summary>
    /// The link that begins a sign-in again with the same parameters; null where a device waits for it: then the game begins.
    /// </summary>
    public static string? Link(HttpRequest request, BrokerOptions options, SignInView signIn)
    {
        if (signIn.IsForDevice)
            return null;
        var query = QueryString.Create("app", signIn.App.Name);
        if (signIn.Scopes.Count > 0)
            query = query.Add("scopes", string.Join(',', signIn.Scopes));
        if (signIn.CodeChallenge is { } challenge)
            query = query.Add("code_challenge", challenge).Add("code_challenge_method", Pkce.Method);
        if (Language.Remembered(request) is { } language)
            query = query.Add(Language.Parameter, language.Tag);
        return options.Path(Paths.CreateSession) + query;
    }

    /// <summary>The link by which this browser began last; null when it has begun nothing within the hour.</summary>
    public static string? RememberedLink(HttpRequest request, BrokerOptions options) =>
        request.Cookies[Cookie] is { Length: > 0 } query ? $"{options.Path(Paths.CreateSession)}?{query}" : null;
}
