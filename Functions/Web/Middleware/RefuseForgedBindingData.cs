using System.Buffers;
using Microsoft.Azure.Functions.Worker.Middleware;

namespace TokenBroker.Web.Middleware;

/// <summary>
/// The first worker middleware: answers 400 to requests that would decide what the Functions host tells the worker of the caller's
/// headers, so that the next may believe it. The host fills the binding data from members of a JSON body, whatever its content type, and
/// from the query, and adds its own <c>Headers</c> and <c>Query</c> only where the name is still free. No request of ours has such a
/// parameter, or a body that is no form.
/// </summary>
internal sealed class RefuseForgedBindingData(EndpointRunner runner) : IFunctionsWorkerMiddleware
{
    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        var http = context.GetHttpContext();
        var refusal = http is null ? null : await FindForgeryAsync(http.Request);
        if (refusal is null)
        {
            await next(context);
            return;
        }
        await runner.RefuseAsync(http!, RunEndpoint.AudienceOf(context), refusal);
        RunEndpoint.LeaveNothingToHost(context);
    }

    /// <summary>Why to refuse the request; null for one that forges nothing. The body is looked at and not consumed.</summary>
    public static async Task<OAuthError?> FindForgeryAsync(HttpRequest request)
    {
        var namesBindingData = request.Query.Keys.Any(name =>
            name.Equals("headers", StringComparison.OrdinalIgnoreCase) || name.Equals("query", StringComparison.OrdinalIgnoreCase));
        if (namesBindingData)
            return OAuthError.ForgedBindingData;
        try
        {
            return await BodyMayBeFormAsync(request) ? null : OAuthError.NoForm;
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The caller has gone, or sends too slowly.
            return OAuthError.UnreadableBody;
        }
    }

    private static async Task<bool> BodyMayBeFormAsync(HttpRequest request)
    {
        var body = request.BodyReader;
        var read = await body.ReadAsync(request.HttpContext.RequestAborted);
        while (read.Buffer.IsEmpty && !read.IsCompleted)
        {
            body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            read = await body.ReadAsync(request.HttpContext.RequestAborted);
        }
        var mayBeForm = read.Buffer.IsEmpty || MayBeginForm(read.Buffer.Slice(0, 1).ToArray()[0]);
        body.AdvanceTo(read.Buffer.Start);
        return mayBeForm;
    }

    // Listed is what may begin a form, not what may begin JSON: blanks and byte-order marks may stand before that.
    private static bool MayBeginForm(byte first) => char.IsAsciiLetterOrDigit((char)first) || "_-.~%+&"u8.Contains(first);
}
