using Microsoft.AspNetCore.Http;

namespace TokenBroker.Http;

/// <summary>
/// Lets games that run in a browser call from the origins that configuration names (WHATWG Fetch, CORS protocol). No cookie goes along:
/// credentials are never allowed.
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

    /// <summary>What a browser asks before it lets a page send anything but the simplest request.</summary>
    public sealed class Preflight : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            SecurityHeaders.Write(response, SecurityHeaders.NothingAllowed);
            response.StatusCode = StatusCodes.Status204NoContent;
            if (response.Headers.AccessControlAllowOrigin.Count > 0)
            {
                response.Headers.AccessControlAllowMethods = "GET, POST";
                response.Headers.AccessControlAllowHeaders = "Authorization, Content-Type";
                response.Headers.AccessControlMaxAge = "7200"; // The most that Chromium heeds.
            }
            return Task.CompletedTask;
        }
    }
}
