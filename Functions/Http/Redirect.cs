using Microsoft.AspNetCore.Http;

namespace TokenBroker.Http;

/// <summary>Sends the browser elsewhere.</summary>
internal sealed class Redirect : IResult
{
    private readonly int _status;
    private readonly string _location;

    private Redirect(int status, string location) => (_status, _location) = (status, location);

    /// <summary>To the provider (RFC 6749 §4.1).</summary>
    public static Redirect Found(Uri location) => new(StatusCodes.Status302Found, location.AbsoluteUri);

    /// <summary>To a page of our own, by GET and without the query (RFC 9700 §4.12).</summary>
    public static Redirect SeeOther(string path) => new(StatusCodes.Status303SeeOther, path);

    public Task ExecuteAsync(HttpContext httpContext)
    {
        SecurityHeaders.Write(httpContext.Response, SecurityHeaders.NothingAllowed);
        httpContext.Response.StatusCode = _status;
        httpContext.Response.Headers.Location = _location;
        return Task.CompletedTask;
    }
}
