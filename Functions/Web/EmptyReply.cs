namespace TokenBroker.Web;

/// <summary>An answer without content.</summary>
internal sealed class EmptyReply(int status, string? location = null, Explanation? explanation = null) : IResult, IExplainedReply
{
    /// <inheritdoc/>
    public Explanation? Explanation => explanation;

    /// <summary>Success, as RFC 7009 §2.2 asks.</summary>
    public static EmptyReply Ok() => new(StatusCodes.Status200OK);

    /// <summary>The answer to a preflight request.</summary>
    public static EmptyReply NoContent() => new(StatusCodes.Status204NoContent);

    /// <summary>The answer to a request in advance: a browser does not show it, and asks again when the player goes there.</summary>
    public static EmptyReply Unavailable() => new(StatusCodes.Status503ServiceUnavailable);

    /// <summary>Sends the browser to the provider (RFC 6749 §4.1).</summary>
    public static EmptyReply Found(Uri location) => new(StatusCodes.Status302Found, location.AbsoluteUri);

    /// <summary>Sends the browser elsewhere by GET, so that neither query nor form is sent along (RFC 9700 §4.12).</summary>
    /// <param name="location">Where to.</param>
    /// <param name="explanation">What is wrong, where the browser brings the game an error.</param>
    public static EmptyReply SeeOther(string location, Explanation? explanation = null) =>
        new(StatusCodes.Status303SeeOther, location, explanation);

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = status;
        if (location is not null)
            httpContext.Response.Headers.Location = location;
        return Task.CompletedTask;
    }
}
