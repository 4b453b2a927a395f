using System.Text;
using Microsoft.AspNetCore.Http;
using TokenBroker.Http;

namespace TokenBroker.Pages;

/// <summary>A page for the player. The one place that writes HTML and its headers.</summary>
internal sealed class Page(int status, string html) : IResult
{
    /// <summary>What the page says.</summary>
    public string Html => html;

    /// <summary>Seconds after which the browser asks again; null when it need not.</summary>
    public int? RefreshAfter { get; init; }

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        SecurityHeaders.Write(response, PageTemplate.ContentSecurityPolicy);
        response.StatusCode = status;
        response.ContentType = "text/html; charset=utf-8";
        if (RefreshAfter is { } seconds)
            response.Headers["Refresh"] = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return response.WriteAsync(html, Encoding.UTF8, httpContext.RequestAborted);
    }
}
