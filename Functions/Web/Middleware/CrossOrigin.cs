namespace TokenBroker.Web.Middleware;

/// <summary>
/// Which pages of other origins may call the broker (WHATWG Fetch, CORS protocol; W3C Fetch Metadata). Games in a browser may, from the
/// origins that configuration names; no cookie goes along: credentials are never allowed.
/// </summary>
internal static class CrossOrigin
{
    private const string Site = "Sec-Fetch-Site";
    private static readonly string[] PrefetchHeaders = ["Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"];

    /// <summary>Writes what lets the calling page read the answer, if its origin is allowed.</summary>
    public static void Write(HttpRequest request, BrokerOptions options)
    {
        if (options.AllowedOrigins.Count == 0)
            return;
        var headers = request.HttpContext.Response.Headers;
        headers.Vary = "Origin";
        if (request.Headers.Origin is not [{ } origin] || !options.AllowedOrigins.Contains(origin))
            return;
        headers.AccessControlAllowOrigin = origin;
        headers.AccessControlExposeHeaders = "Retry-After, WWW-Authenticate";
    }

    /// <summary>
    /// Whether a browser only loads this address in advance, for a player who may never go there (W3C Resource Hints; older browsers have
    /// headers of their own).
    /// </summary>
    public static bool IsPrefetch(HttpRequest request) =>
        PrefetchHeaders.Any(name => request.Headers[name].ToString().Contains("prefetch", StringComparison.OrdinalIgnoreCase)) ||
            request.Headers["X-Purpose"].ToString().Equals("preview", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Whether a page that may not do so has sent the request: by a picture, a script, a frame, a WebSocket, from its script, or by a form
    /// or link to an address that only games call. Any page can make its visitors' browsers send requests; those must not use up the
    /// visitors' attempts. A caller who leaves these headers out gains nothing: its attempts are counted. Node's, Deno's and Bun's
    /// <c>fetch</c> name the mode <c>cors</c> without an origin or a site: these are games and servers. Chromium 76 to 79, which some
    /// televisions have, name no destination, and navigations of frames <c>nested-navigate</c>.
    /// </summary>
    public static bool IsFromForeignPage(HttpRequest request, Audience audience, BrokerOptions options)
    {
        var headers = request.Headers;
        if (headers.ContainsKey("Sec-WebSocket-Key"))
            return true;
        var (site, origin, destination) = (headers[Site].ToString(), headers.Origin.ToString(), headers["Sec-Fetch-Dest"].ToString());
        if (options.AllowedOrigins.Contains(origin))
            return false;
        return headers["Sec-Fetch-Mode"].ToString() switch
        {
            "websocket" or "no-cors" or "nested-navigate" => true,
            "navigate" when destination is not ("" or "document") => true,
            "navigate" => audience == Audience.Game && site is not ("none" or "same-origin"),
            "cors" when origin.Length == 0 && site.Length == 0 => false,
            "cors" => site != "same-origin",
            // Browsers without these headers still name the origin of a script that calls a game's address.
            _ => audience == Audience.Game && origin.Length > 0 && origin != OwnOrigin(options),
        };
    }

    /// <summary>Whether a browser says that a page of another site, or of a neighbouring host, leads here.</summary>
    public static bool IsLinkFromOtherSite(HttpRequest request) => request.Headers[Site].ToString() is "cross-site" or "same-site";

    /// <summary>
    /// Whether a form may have been sent by a page of ours, as far as its browser tells. Our pages send no referrer, so their forms have
    /// the origin <c>null</c>.
    /// </summary>
    public static bool MayBeOwnForm(HttpRequest request, BrokerOptions options) => request.Headers[Site].ToString() switch
    {
        "" => new[] { "", "null", OwnOrigin(options) }.Contains(request.Headers.Origin.ToString()),
        var site => site is "same-origin" or "none",
    };

    private static string OwnOrigin(BrokerOptions options) => options.PublicUrl.GetLeftPart(UriPartial.Authority);

    /// <summary>Answers what a browser asks before it lets a page send anything but the simplest request.</summary>
    public static EmptyReply Preflight(HttpResponse response)
    {
        if (response.Headers.AccessControlAllowOrigin.Count > 0)
        {
            response.Headers.AccessControlAllowMethods = "GET, POST";
            response.Headers.AccessControlAllowHeaders = "Authorization, Content-Type, DPoP";
            response.Headers.AccessControlMaxAge = "7200"; // Chromium takes no more.
        }
        return EmptyReply.NoContent();
    }
}
