using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using TokenBroker.Apps;
using TokenBroker.Http;

namespace TokenBroker.Pages;

/// <summary>
/// A page for the player, written in their language. The one place that sends HTML. Once it is sent, the worker writes what a function has returned
/// as JSON, for a host that has no use for it: nothing that is worth the effort may be among the properties.
/// </summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="App">The game whose look the page has; null for none.</param>
/// <param name="Write">Writes the title and what stands below it.</param>
internal sealed record Page(int Status, [property: JsonIgnore] App? App, [property: JsonIgnore] Func<Texts, PageContent> Write) : IResult
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
        Language.Remember(httpContext.Request, httpContext.RequestServices.GetRequiredService<BrokerOptions>().IsHttps);
        var language = Language.Of(httpContext.Request);
        SecurityHeaders.Write(response, PageTemplate.ContentSecurityPolicy(App, FormAction));
        response.StatusCode = Status;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.ContentLanguage = language.Tag;
        if (RefreshAfter is { } seconds)
            response.Headers["Refresh"] = seconds.ToString(CultureInfo.InvariantCulture);
        if (RetryAfter is { } wait)
            response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return PageTemplate.WriteAsync(response, language, App, Write(language.Texts));
    }
}

/// <summary>What stands on a page.</summary>
/// <param name="Title">The heading, as text.</param>
/// <param name="Html">What stands below it, as HTML.</param>
internal readonly record struct PageContent(string Title, string Html)
{
    public override string ToString() => nameof(PageContent);
}
