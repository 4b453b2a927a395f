using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;

namespace TokenBroker.Local;

/// <summary>
/// Leads browsers that come under another name of this machine to the public URL first: cookies and redirect URIs are of one host, and
/// <c>localhost</c> and <c>127.0.0.1</c> are two.
/// </summary>
internal static class PublicHost
{
    public static void UsePublicHost(this IApplicationBuilder app, Uri publicUrl) => app.Use(async (http, next) =>
    {
        if (MustMove(http.Request, publicUrl))
            http.Response.Redirect(publicUrl.GetLeftPart(UriPartial.Authority) + http.Request.GetEncodedPathAndQuery());
        else
            await next(http);
    });

    private static bool MustMove(HttpRequest request, Uri publicUrl)
    {
        // A tunnel may name this machine here, and itself in another header.
        var isForwarded = request.Headers.ContainsKey("X-Forwarded-Host") || request.Headers.ContainsKey("X-Forwarded-For");
        var isOther = !request.Host.Host.Equals(publicUrl.Host.Trim('[', ']'), StringComparison.OrdinalIgnoreCase) &&
            !request.Host.Host.Equals(publicUrl.Host, StringComparison.OrdinalIgnoreCase);
        // Games read what they are told; only browsers ask for pages, and do not send these on by themselves.
        var isPage = HttpMethods.IsGet(request.Method) && request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal);
        return isOther && isPage && !isForwarded && !request.Path.StartsWithSegments("/dev");
    }
}
