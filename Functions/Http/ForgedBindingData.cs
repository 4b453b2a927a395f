using Microsoft.AspNetCore.Http;

namespace TokenBroker.Http;

/// <summary>
/// Requests that decide what the Functions host tells the worker of the caller's headers. The host fills the binding data from members of a JSON
/// body, whatever its content type, and from the query, and adds its own <c>Headers</c> and <c>Query</c> only where the name is still free.
/// No request of ours has such a parameter, or a body that is no form.
/// </summary>
internal static class ForgedBindingData
{
    /// <summary>Whether to refuse the request. Its body is looked at and not consumed.</summary>
    public static async Task<bool> IsInAsync(HttpRequest request)
    {
        var namesBindingData = request.Query.Keys.Any(name =>
            name.Equals("headers", StringComparison.OrdinalIgnoreCase) || name.Equals("query", StringComparison.OrdinalIgnoreCase));
        return namesBindingData || !await BodyMayBeFormAsync(request);
    }

    private static async Task<bool> BodyMayBeFormAsync(HttpRequest request)
    {
        try
        {
            var read = await request.BodyReader.ReadAsync(request.HttpContext.RequestAborted);
            var mayBeForm = read.Buffer.IsEmpty || MayBeginForm(read.Buffer.FirstSpan[0]);
            request.BodyReader.AdvanceTo(read.Buffer.Start);
            return mayBeForm;
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The caller has gone, or sends too slowly: there is no form to read.
            return false;
        }
    }

    // Listed is what may begin a form, not what may begin JSON: blanks and byte-order marks may stand before that.
    private static bool MayBeginForm(byte first) => char.IsAsciiLetterOrDigit((char)first) || "_-.~%+&"u8.Contains(first);
}
