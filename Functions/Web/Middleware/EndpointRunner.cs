using Azure;
using Azure.Identity;

namespace TokenBroker.Web.Middleware;

/// <summary>
/// What surrounds every endpoint, in the worker and in-process alike: security headers, what is refused before anything of the request is
/// believed, the caller's address, CORS, and an answer in the audience's form when the endpoint throws. Messages of exceptions are neither
/// shown nor logged: those of the storage client hold whole response bodies.
/// </summary>
/// <param name="options">Which pages may read the answers, and whether Front Door stands in front.</param>
/// <param name="time">The clock that limits how long a body may take.</param>
/// <param name="logger">Told of every fault.</param>
internal sealed partial class EndpointRunner(BrokerOptions options, TimeProvider time, ILogger<EndpointRunner> logger)
{
    /// <summary>Answers a request.</summary>
    /// <param name="http">The request and its response.</param>
    /// <param name="repliesTo">Who calls the endpoint.</param>
    /// <param name="caller">
    /// The caller's address as the platform tells it, asked for once it can be believed; not taken behind Front Door, where its header
    /// tells.
    /// </param>
    /// <param name="endpoint">The endpoint.</param>
    public async Task RunAsync(HttpContext http, RepliesToAttribute repliesTo, Func<ClientAddress> caller, Func<Task<IResult>> endpoint)
    {
        using var trace = RequestTrace.Begin();
        WriteHeaders(http, repliesTo);
        var answer = await AnswerAsync(http, repliesTo.Audience, async () =>
        {
            if (await RefuseAsync(http.Request, repliesTo) is { } refusal)
                return refusal;
            http.Features.Set(options.FrontDoorId is null ? caller() : ClientAddress.FromFrontDoor(http.Request));
            return IsPreflight(http.Request, repliesTo) ? CrossOrigin.Preflight(http.Response) : await endpoint();
        });
        await SendAsync(http, answer);
    }

    /// <summary>Answers a request for which there is no endpoint.</summary>
    public async Task AnswerNotFoundAsync(HttpContext http)
    {
        using var trace = RequestTrace.Begin();
        WriteHeaders(http, new(Audience.Browser));
        await SendAsync(http, BrokerPages.NotFound());
    }

    /// <summary>The answer in an endpoint's place, before the request has had any effect; null when the endpoint may answer.</summary>
    private async Task<IResult?> RefuseAsync(HttpRequest request, RepliesToAttribute repliesTo)
    {
        var audience = repliesTo.Audience;
        if (CrossOrigin.IsPrefetch(request))
            return EmptyReply.Unavailable();
        if (options.FrontDoorId is { } id && !CameThroughFrontDoor(request, id))
            return Refusal(audience, OAuthError.NotThroughFrontDoor);
        var changesNothing = repliesTo.ChangesNothing || IsPreflight(request, repliesTo);
        if (!changesNothing && CrossOrigin.IsFromForeignPage(request, audience, options))
            return JsonReply.Failure(OAuthError.FromForeignPage); // Nobody sees it, and a page would keep the language it is asked for.
        var error = await RequestBody.ReadAsync(request, time) ?? ForgedBindingData.Find(request);
        return error is null ? null : Refusal(audience, error);
    }

    /// <summary>
    /// The headers of every response. A page replaces the content security policy, which allows nothing. <c>no-store</c>: RFC 6749 §5.1
    /// asks it for tokens, and links and codes are no less secret.
    /// </summary>
    private void WriteHeaders(HttpContext http, RepliesToAttribute repliesTo)
    {
        var headers = http.Response.Headers;
        headers.CacheControl = "no-store";
        headers.Pragma = "no-cache";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
        if (!repliesTo.KeepsOpener)
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        if (options.IsHttps)
            headers.StrictTransportSecurity = "max-age=31536000";
        if (repliesTo.Audience == Audience.Game)
            CrossOrigin.Write(http.Request, options);
    }

    private static bool IsPreflight(HttpRequest request, RepliesToAttribute repliesTo) =>
        repliesTo.Audience == Audience.Game && HttpMethods.IsOptions(request.Method);

    /// <summary>
    /// Whether Azure Front Door has sent the request (https://learn.microsoft.com/azure/frontdoor/front-door-http-headers-protocol).
    /// </summary>
    private static bool CameThroughFrontDoor(HttpRequest request, string id) =>
        request.Headers["X-Azure-FDID"] is [{ } sent] && ConstantTime.AreEqual(sent.ToLowerInvariant(), id.ToLowerInvariant());

    private async Task<IResult> AnswerAsync(HttpContext http, Audience audience, Func<Task<IResult>> endpoint)
    {
        try
        {
            return await endpoint();
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            return Results.Empty;
        }
        catch (Exception exception) when (exception is BadHttpRequestException or InvalidDataException)
        {
            return Fault(http, audience, OAuthError.UnreadableBody);
        }
        catch (Exception exception) when (IsOutage(exception))
        {
            var cause = exception.GetBaseException();
            var failure = cause as RequestFailedException;
            Log.Unavailable(logger, cause.GetType().Name, failure?.Status, failure?.ErrorCode);
            return Fault(http, audience, OAuthError.Unavailable);
        }
#pragma warning disable CA1031 // Whatever it is, the caller gets an answer in its own form and nothing of the exception.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Failed(logger, exception.GetType().FullName!, exception.StackTrace);
            return Fault(http, audience, OAuthError.ServerError);
        }
    }

    private async Task SendAsync(HttpContext http, IResult answer)
    {
        if (answer is IExplainedReply { Explanation: { } told })
            Log.Told(logger, told.Answer, told.Status, told.App ?? "none", RequestTrace.Id, told.Problem);
        try
        {
            await answer.ExecuteAsync(http);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone; nobody is left to answer.
        }
#pragma warning disable CA1031 // Part of the answer may be on its way: the connection is cut, so that nobody takes it for the whole.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Failed(logger, exception.GetType().FullName!, exception.StackTrace);
            http.Abort();
        }
    }

    private static IResult Fault(HttpContext http, Audience audience, OAuthError error) =>
        http.Features.Get<FaultReply>()?.Of(error) ?? Refusal(audience, error);

    private static IResult Refusal(Audience audience, OAuthError error)
    {
        if (audience == Audience.Game)
            return JsonReply.Failure(error);
        return error.Status switch
        {
            StatusCodes.Status500InternalServerError => BrokerPages.Broken(),
            StatusCodes.Status503ServiceUnavailable => BrokerPages.Unavailable(),
            _ => BrokerPages.BadLink(error.Description) with { Status = error.Status },
        };
    }

    /// <summary>
    /// Whether storage or the vault could not be reached. The client reports several failed tries as one AggregateException.
    /// </summary>
    private static bool IsOutage(Exception exception) => exception
        is RequestFailedException or AuthenticationFailedException or SecretUnavailableException
        or AggregateException or HttpRequestException or OperationCanceledException;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Storage or vault is unavailable: {Exception} {Status} {ErrorCode}")]
        public static partial void Unavailable(ILogger logger, string exception, int? status, string? errorCode);

        [LoggerMessage(3, LogLevel.Information, "Answered {Answer} ({Status}) for app {App}, trace id {Reference}. {Problem}")]
        public static partial void Told(ILogger logger, string answer, int status, string app, string reference, string? problem);

        [LoggerMessage(2, LogLevel.Critical, "Unexpected failure: {Exception} at {StackTrace}")]
        public static partial void Failed(ILogger logger, string exception, string? stackTrace);
    }
}
