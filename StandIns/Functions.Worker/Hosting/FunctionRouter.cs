using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>Sends each request to the first function that matches, and answers as the real host does where none does or one fails.</summary>
internal sealed partial class FunctionRouter(FunctionCatalog catalog, ILogger<FunctionRouter> logger)
{
    public async Task InvokeAsync(HttpContext http)
    {
        if (catalog.Http.FirstOrDefault(candidate => candidate.Matches(http.Request)) is not { } match)
        {
            // A wrong method is 404 as well: the host never answers 405.
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var context = new InvocationContext(PlatformHeaders(http), http.RequestAborted);
        try
        {
            var result = await match.Function.InvokeAsync(http.RequestServices, http.Request, context, http.RequestAborted);
            // Anything but an IResult (a string, a record) leaves 200 with an empty body.
            if (result is IResult answer)
                await answer.ExecuteAsync(http);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone; nobody is left to answer.
        }
#pragma warning disable CA1031 // The host answers 500 to whatever a function throws.
        catch (Exception exception) when (!http.Response.HasStarted)
#pragma warning restore CA1031
        {
            Log.Failed(logger, match.Function.Name, exception.GetType().FullName!);
            http.Response.Clear();
            http.Response.StatusCode = StatusCodes.Status500InternalServerError;
        }
    }

    /// <summary>
    /// Does what the platform's front end does: the caller's headers go into the binding data with the caller's address added
    /// last to X-Forwarded-For; the request itself shows only the front end.
    /// </summary>
    private static string PlatformHeaders(HttpContext http)
    {
        var headers = http.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var caller = new IPEndPoint(http.Connection.RemoteIpAddress ?? IPAddress.Loopback, http.Connection.RemotePort).ToString();
        headers["X-Forwarded-For"] = headers.TryGetValue("X-Forwarded-For", out var claimed) ? $"{claimed}, {caller}" : caller;

        http.Connection.RemoteIpAddress = IPAddress.Loopback;
        http.Request.Headers["X-Forwarded-For"] = IPAddress.Loopback.ToString();
        return JsonSerializer.Serialize(headers);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Function {Function} failed with {Exception}")]
        public static partial void Failed(ILogger logger, string function, string exception);
    }
}
