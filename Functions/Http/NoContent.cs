using Microsoft.AspNetCore.Http;

namespace TokenBroker.Http;

/// <summary>Success that has nothing to say: 200 with an empty body, as RFC 7009 §2.2 asks.</summary>
internal sealed class NoContent : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        SecurityHeaders.Write(httpContext.Response, SecurityHeaders.NothingAllowed);
        httpContext.Response.StatusCode = StatusCodes.Status200OK;
        return Task.CompletedTask;
    }
}
