using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>Sends each request to the first function that matches, and answers as the real host does where none does or one fails.</summary>
internal sealed partial class FunctionRouter(FunctionCatalog catalog, ILogger<FunctionRouter> logger)
{
    /// <summary>For each path of a route without parameters all functions that take it, in the host's order.</summary>
    private readonly Dictionary<string, HttpFunction[]> _literal = catalog.Http.Where(function => function.IsLiteral)
        .Select(function => $"/{function.Route}").Distinct(StringComparer.OrdinalIgnoreCase)
        .ToDictionary(path => path, path => catalog.Http.Where(function => function.TakesPath(path)).ToArray(), StringComparer.OrdinalIgnoreCase);

    private readonly HttpFunction[] _templates = [.. catalog.Http.Where(function => !function.IsLiteral)];

    /// <summary>The first function, in the host's order, that takes a request; null when none does.</summary>
    public HttpFunction? Find(string method, PathString path)
    {
        var text = path.Value ?? "";
        if (text.Length > 1 && text[^1] == '/' && text[^2] != '/')
            text = text[..^1];
        if (_literal.TryGetValue(text, out var candidates))
            return Array.Find(candidates, candidate => candidate.TakesMethod(method));
        return Array.Find(_templates, candidate => candidate.TakesMethod(method) && candidate.TakesPath(path));
    }

    public async Task InvokeAsync(HttpContext http)
    {
        if (Find(http.Request.Method, http.Request.Path) is not { } match)
        {
            // A wrong method is 404 as well: the host never answers 405.
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var context = new InvocationContext(new PlatformHeaders(http).ToJson, http.RequestAborted);
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

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Function {Function} failed with {Exception}")]
        public static partial void Failed(ILogger logger, string function, string exception);
    }
}
