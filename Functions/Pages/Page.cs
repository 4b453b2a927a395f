using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using TokenBroker.Http;

namespace TokenBroker.Pages;

/// <summary>A page for the player. The one place that writes HTML and its headers.</summary>
internal sealed record Page(int Status, string Html) : IResult
{
    /// <summary>How long to wait; null without a limit.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Seconds after which the browser asks again; null when it need not.</summary>
    public int? RefreshAfter { get; init; }

    /// <summary>Where the page's form, and the redirects that follow it, may go: a source list of Content Security Policy.</summary>
    public string FormAction { get; init; } = "'none'";

    /// <summary>Shows nothing of the page: an access code may stand on it.</summary>
    public override string ToString() => nameof(Page);

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        SecurityHeaders.Write(response, $"{PageTemplate.ContentSecurityPolicy}; form-action {FormAction}");
        response.StatusCode = Status;
        response.ContentType = "text/html; charset=utf-8";
        if (RefreshAfter is { } seconds)
            response.Headers["Refresh"] = seconds.ToString(CultureInfo.InvariantCulture);
        if (RetryAfter is { } wait)
            response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return response.WriteAsync(Html, Encoding.UTF8, httpContext.RequestAborted);
    }
}
