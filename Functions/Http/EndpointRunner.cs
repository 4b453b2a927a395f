using Azure;
using Azure.Identity;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using TokenBroker.OAuth;
using TokenBroker.Pages;
using TokenBroker.Secrets;

namespace TokenBroker.Http;

/// <summary>
/// What stands around every endpoint, in the worker and in-process alike: the caller's address, CORS, and an answer in the audience's form to
/// whatever the endpoint throws. Messages of exceptions are neither shown nor logged: those of the storage client hold whole response bodies.
/// </summary>
/// <param name="options">Which pages may read the answers, and whether Front Door stands in front.</param>
/// <param name="logger">Told of every fault.</param>
internal sealed partial class EndpointRunner(BrokerOptions options, ILogger<EndpointRunner> logger)
{
    /// <summary>Answers a request.</summary>
    /// <param name="http">The request and its response.</param>
    /// <param name="audience">Who calls the endpoint.</param>
    /// <param name="caller">The caller's address as the platform tells it; not taken behind Front Door, where its header tells.</param>
    /// <param name="endpoint">The endpoint.</param>
    public async Task RunAsync(HttpContext http, Audience audience, ClientAddress caller, Func<Task<IResult>> endpoint)
    {
        if (options.FrontDoorId is { } id && !FrontDoor.HasSent(http.Request, id))
        {
            await SendAsync(http, audience, Refusal(audience, OAuthError.NotThroughFrontDoor));
            return;
        }
        http.Features.Set(options.FrontDoorId is null ? caller : FrontDoor.Caller(http.Request));

        var isPreflight = audience == Audience.Game && HttpMethods.IsOptions(http.Request.Method);
        var answer = isPreflight ? new CrossOrigin.Preflight() : await AnswerAsync(http, audience, endpoint);
        await SendAsync(http, audience, answer);
    }

    /// <summary>Answers in an endpoint's place, before anything of the request is believed.</summary>
    public Task RefuseAsync(HttpContext http, Audience audience, OAuthError error) => SendAsync(http, audience, Refusal(audience, error));

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
            return Refusal(audience, OAuthError.UnreadableBody);
        }
        catch (Exception exception) when (IsOutage(exception))
        {
            var cause = exception.GetBaseException();
            var failure = cause as RequestFailedException;
            Log.Unavailable(logger, cause.GetType().Name, failure?.Status, failure?.ErrorCode);
            return Refusal(audience, OAuthError.Unavailable);
        }
#pragma warning disable CA1031 // Whatever it is, the caller gets an answer in its own form and nothing of the exception.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Failed(logger, exception.GetType().FullName!, exception.StackTrace);
            return Refusal(audience, OAuthError.ServerError);
        }
    }

    private async Task SendAsync(HttpContext http, Audience audience, IResult answer)
    {
        if (audience == Audience.Game)
            CrossOrigin.Write(http.Request, options);
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

    private static IResult Refusal(Audience audience, OAuthError error) => audience == Audience.Game
        ? JsonReply.Failure(error)
        : error.Status switch
        {
            StatusCodes.Status400BadRequest or StatusCodes.Status403Forbidden => BrokerPages.BadLink(error.Description) with { Status = error.Status },
            StatusCodes.Status503ServiceUnavailable => BrokerPages.Unavailable(),
            _ => BrokerPages.Broken(),
        };

    /// <summary>Whether storage or the vault could not be reached. The client reports several failed tries as one AggregateException.</summary>
    private static bool IsOutage(Exception exception) => exception
        is RequestFailedException or AuthenticationFailedException or SecretUnavailableException
        or AggregateException or HttpRequestException or OperationCanceledException;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Storage or vault is unavailable: {Exception} {Status} {ErrorCode}")]
        public static partial void Unavailable(ILogger logger, string exception, int? status, string? errorCode);

        [LoggerMessage(2, LogLevel.Critical, "Unexpected failure: {Exception} at {StackTrace}")]
        public static partial void Failed(ILogger logger, string exception, string? stackTrace);
    }
}
