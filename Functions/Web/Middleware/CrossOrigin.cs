namespace TokenBroker.Web.Middleware;

/// <summary>
/// Which pages of other origins may call the broker (WHATWG Fetch, CORS protocol; W3C Fetch Metadata). Games in a browser may, from the
/// origins that configuration names; no cookie goes along: credentials are never allowed.
/// </summary>
internal static class CrossOrigin
{
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
    /// Whether a page has embedded this address, as a picture, a script, a frame or a WebSocket, or its script calls it from an origin
    /// that is not allowed to. Any page can make its visitors' browsers send requests; those must not use up the visitors' attempts. A
    /// caller who leaves these headers out gains nothing: its attempts are counted.
    /// </summary>
    public static bool IsEmbedded(HttpRequest request, BrokerOptions options)
    {
        var headers = request.Headers;
        if (headers.ContainsKey("Sec-WebSocket-Key"))
            return true;
        return headers["Sec-Fetch-Mode"].ToString() switch
        {
            "websocket" or "no-cors" => true,
            "navigate" => headers["Sec-Fetch-Dest"] != "document",
            "cors" => headers["Sec-Fetch-Site"] != "same-origin" && !options.AllowedOrigins.Contains(headers.Origin.ToString()),
            _ => false,
        };
    }

    /// <summary>Answers what a browser asks before it lets a page send anything but the simplest request.</summary>
    public static EmptyReply Preflight(HttpResponse response)
    {
        if (response.Headers.AccessControlAllowOrigin.Count > 0)
        {
            response.Headers.AccessControlAllowMethods = "GET, POST";
            response.Headers.AccessControlAllowHeaders = "Authorization, Content-Type";
            response.Headers.AccessControlMaxAge = "7200"; // Chromium takes no more.
        }
        return EmptyReply.NoContent();
    }
}
