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
        try
        {
            return await ReadAsync(request.BodyReader, time, request.HttpContext.RequestAborted);
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

    private static async Task<OAuthError?> ReadAsync(PipeReader body, TimeProvider time, CancellationToken gone)
    {
        ITimer? limit = null;
        try
        {
            while (true)
            {
                var reading = body.ReadAsync(gone);
                // Most requests have no body, or have it here already.
                if (!reading.IsCompleted)
                    limit ??= time.CreateTimer(_ => body.CancelPendingRead(), null, Timeout, System.Threading.Timeout.InfiniteTimeSpan);
                var read = await reading;
                var isTooLong = read.Buffer.Length > MaxLength;
                var isWhole = read.IsCompleted && !isTooLong;
                // What was looked at is kept; a whole body is to be found by whoever reads next.
                body.AdvanceTo(read.Buffer.Start, isWhole ? read.Buffer.Start : read.Buffer.End);
                if (isTooLong)
                    return OAuthError.BodyTooLarge;
                if (isWhole)
                    return null;
                if (read.IsCanceled)
                    return OAuthError.BodyTooSlow;
            }
        }
        finally
        {
            limit?.Dispose();
        }
    }
}
