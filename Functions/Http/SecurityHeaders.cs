using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace TokenBroker.Http;

/// <summary>The headers that every response carries.</summary>
internal static class SecurityHeaders
{
    /// <summary>For what is no page: nothing may be loaded, framed or run.</summary>
    public const string NothingAllowed = "default-src 'none'; frame-ancestors 'none'";

    /// <summary>Writes the headers; <c>no-store</c> because RFC 6749 §5.1 asks it of tokens, and links and codes are no less secret.</summary>
    public static void Write(HttpResponse response, string contentSecurityPolicy)
    {
        var headers = response.Headers;
        headers.CacheControl = "no-store";
        headers.Pragma = "no-cache";
        headers.ContentSecurityPolicy = contentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        if (response.HttpContext.RequestServices.GetRequiredService<BrokerOptions>().IsHttps)
            headers[HeaderNames.StrictTransportSecurity] = "max-age=31536000";
    }
}
