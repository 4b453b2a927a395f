using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;

namespace TokenBroker.Web.Pages;

/// <summary>A page for the player, written in their language. The one place that sends HTML.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="App">The game whose look the page has; null for the default one's.</param>
/// <param name="Write">Writes the heading, as text, and what stands below it, as HTML.</param>
/// <param name="Name">What the log calls the page.</param>
internal sealed record Page(
    int Status, [property: JsonIgnore] App? App, [property: JsonIgnore] Func<Texts, (string Title, string Html)> Write,
    [property: JsonIgnore][CallerMemberName] string Name = "") : IResult, IExplainedReply
{
    /// <summary>The picture above the heading; none by default.</summary>
    [JsonIgnore]
    public Icon Icon { get; init; }

    /// <summary>How long to wait; null without a limit.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Seconds after which the browser asks again; null when it need not.</summary>
    public int? RefreshAfter { get; init; }

    /// <summary>Where the browser goes after <see cref="RefreshAfter"/>; null for the page itself.</summary>
    [JsonIgnore]
    public string? RefreshTo { get; init; }

    /// <summary>Where the page's form, and the redirects that follow it, may go: a source list of Content Security Policy.</summary>
    public string FormAction { get; init; } = "'none'";

    /// <summary>What is wrong, for developers; null when the page's name says it.</summary>
    [JsonIgnore]
    public string? Problem { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public Explanation? Explanation => IsError ? new(Name, Status, App?.Name, Problem) : null;

    /// <summary>Whether it tells of something wrong, so that developers need a reference.</summary>
    [JsonIgnore]
    public bool IsError => Status >= StatusCodes.Status400BadRequest;

    /// <summary>Shows nothing of the page: an access code may stand on it.</summary>
    public override string ToString() => nameof(Page);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (request, response, services) = (httpContext.Request, httpContext.Response, httpContext.RequestServices);
        // What is refused leaves nothing behind in the browser.
        if (Status != StatusCodes.Status400BadRequest)
            Language.Remember(request, services.GetRequiredService<BrokerOptions>());
        var language = Language.Of(request);
        var look = this with { App = App ?? services.GetRequiredService<AppCatalog>().Default };
        response.Headers.ContentSecurityPolicy = PageTemplate.ContentSecurityPolicy(look.App, FormAction);
        response.StatusCode = Status;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.ContentLanguage = language.Tag;
        if (RefreshAfter is { } seconds)
            response.Headers["Refresh"] = string.Create(
                CultureInfo.InvariantCulture, $"{seconds}{(RefreshTo is { } address ? $";url={address}" : "")}");
        if (RetryAfter is { } wait)
            response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);

        var html = PageTemplate.Html(look, language, RequestTrace.Id);
        response.ContentLength = html.Sum(Encoding.UTF8.GetByteCount);
        foreach (var piece in html)
            Encoding.UTF8.GetBytes(piece, response.BodyWriter);
        await response.BodyWriter.FlushAsync(httpContext.RequestAborted);
    }
}
