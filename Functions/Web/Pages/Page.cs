using Microsoft.Extensions.DependencyInjection;

namespace TokenBroker.Web.Pages;

/// <summary>A page for the player, written in their language. The one place that sends HTML.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="App">The game whose look the page has; null for none.</param>
/// <param name="Write">Writes the heading, as text, and what stands below it, as HTML.</param>
internal sealed record Page(
    int Status, [property: JsonIgnore] App? App, [property: JsonIgnore] Func<Texts, (string Title, string Html)> Write) : IResult
{
    /// <summary>How long to wait; null without a limit.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Seconds after which the browser asks again; null when it need not.</summary>
    public int? RefreshAfter { get; init; }

    /// <summary>Where the browser goes after <see cref="RefreshAfter"/>; null for the page itself.</summary>
    [JsonIgnore]
    public string? RefreshTo { get; init; }

    /// <summary>Where the page's form, and the redirects that follow it, may go: a source list of Content Security Policy.</summary>
    public string FormAction { get; init; } = "'none'";

    /// <summary>Shows nothing of the page: an access code may stand on it.</summary>
    public override string ToString() => nameof(Page);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (request, response) = (httpContext.Request, httpContext.Response);
        // What is refused leaves nothing behind in the browser.
        if (Status != StatusCodes.Status400BadRequest)
            Language.Remember(request, httpContext.RequestServices.GetRequiredService<BrokerOptions>());
        var language = Language.Of(request);
        response.Headers.ContentSecurityPolicy = PageTemplate.ContentSecurityPolicy(App, FormAction);
        response.StatusCode = Status;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.ContentLanguage = language.Tag;
        if (RefreshAfter is { } seconds)
            response.Headers["Refresh"] = string.Create(
                CultureInfo.InvariantCulture, $"{seconds}{(RefreshTo is { } address ? $";url={address}" : "")}");
        if (RetryAfter is { } wait)
            response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);

        var (title, content) = Write(language.Texts);
        var html = PageTemplate.Html(language, App, title, content);
        response.ContentLength = html.Sum(Encoding.UTF8.GetByteCount);
        foreach (var piece in html)
            Encoding.UTF8.GetBytes(piece, response.BodyWriter);
        await response.BodyWriter.FlushAsync(httpContext.RequestAborted);
    }
}
