using System.IO.Pipelines;

namespace TokenBroker.Web.Middleware;

/// <summary>
/// One limit for the bodies of all requests, whatever their content type, with or without a length. The Functions host has a limit of its
/// own in front of this one: <c>FUNCTIONS_REQUEST_BODY_SIZE_LIMIT</c>.
/// </summary>
internal static class RequestBody
{
    /// <summary>The longest body that is read, in bytes.</summary>
    public const int MaxLength = 64 * 1024;

    /// <summary>How long the whole body may take.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>Waits for the whole body, which stays in the request's <see cref="HttpRequest.BodyReader"/>.</summary>
    /// <returns>Why to refuse the request; null when its body is there.</returns>
    public static async Task<OAuthError?> ReadAsync(HttpRequest request, TimeProvider time)
    {
        if (request.ContentLength > MaxLength)
            return OAuthError.BodyTooLarge;
        var gone = request.HttpContext.RequestAborted;
        using var limit = new CancellationTokenSource(Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, gone);
        try
        {
            return await ReadAsync(request.BodyReader, either.Token) ? null : OAuthError.BodyTooLarge;
        }
        catch (OperationCanceledException) when (!gone.IsCancellationRequested)
        {
            return OAuthError.BodyTooSlow;
        }
        catch (BadHttpRequestException exception)
        {
            // Kestrel has limits of its own, for the rate above all.
            return exception.StatusCode switch
            {
                StatusCodes.Status413PayloadTooLarge => OAuthError.BodyTooLarge,
                StatusCodes.Status408RequestTimeout => OAuthError.BodyTooSlow,
                _ => OAuthError.UnreadableBody,
            };
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            return OAuthError.UnreadableBody;
        }
    }

    /// <summary>True once the whole body is there, false as soon as it is too long.</summary>
    private static async Task<bool> ReadAsync(PipeReader body, CancellationToken cancellation)
    {
        while (true)
        {
            var read = await body.ReadAsync(cancellation);
            var isTooLong = read.Buffer.Length > MaxLength;
            var isWhole = read.IsCompleted && !isTooLong;
            // What was looked at is kept; a whole body is to be found by whoever reads next.
            body.AdvanceTo(read.Buffer.Start, isWhole ? read.Buffer.Start : read.Buffer.End);
            if (isWhole || isTooLong)
                return isWhole;
        }
    }
}
