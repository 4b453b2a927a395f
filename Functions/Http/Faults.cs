using Azure;
using Azure.Identity;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using TokenBroker.OAuth;
using TokenBroker.Pages;
using TokenBroker.Secrets;

namespace TokenBroker.Http;

/// <summary>
/// Turns what an endpoint cannot foresee into its audience's answer. Messages of exceptions are neither shown nor logged: those of
/// the storage client hold whole response bodies.
/// </summary>
/// <param name="options">Which pages may read the answers.</param>
/// <param name="logger">Told of every fault.</param>
public sealed partial class Faults(BrokerOptions options, ILogger<Faults> logger)
{
    /// <summary>Answers a browser: with the endpoint's page, or with one about the fault.</summary>
    internal Task<IResult> ToBrowser(HttpRequest request, Func<Task<IResult>> answer) =>
        GuardAsync(request, answer, fault => fault.Status switch
        {
            StatusCodes.Status400BadRequest => BrokerPages.BadLink("The address cannot be read."),
            StatusCodes.Status503ServiceUnavailable => BrokerPages.Unavailable(),
            _ => BrokerPages.Broken(),
        });

    /// <summary>Answers a game: with the endpoint's JSON, or with an error about the fault.</summary>
    internal Task<IResult> ToGame(HttpRequest request, Func<Task<IResult>> answer)
    {
        CrossOrigin.Write(request, options);
        return HttpMethods.IsOptions(request.Method)
            ? Task.FromResult<IResult>(new CrossOrigin.Preflight())
            : GuardAsync(request, answer, fault => JsonReply.Failure(fault));
    }

    private async Task<IResult> GuardAsync(HttpRequest request, Func<Task<IResult>> answer, Func<OAuthError, IResult> failure)
    {
        try
        {
            return await answer();
        }
        catch (OperationCanceledException) when (request.HttpContext.RequestAborted.IsCancellationRequested)
        {
            return Results.Empty;
        }
        catch (Exception exception) when (exception is BadHttpRequestException or InvalidDataException)
        {
            return failure(OAuthError.InvalidRequest("The request's body cannot be read."));
        }
        catch (Exception exception) when (IsOutage(exception))
        {
            var cause = exception.GetBaseException();
            Log.Unavailable(logger, cause.GetType().Name, (cause as RequestFailedException)?.Status, (cause as RequestFailedException)?.ErrorCode);
            return failure(OAuthError.Unavailable);
        }
#pragma warning disable CA1031 // Whatever it is, the caller gets an answer in its own form and nothing of the exception.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Failed(logger, exception.GetType().FullName!, exception.StackTrace);
            return failure(OAuthError.ServerError);
        }
    }

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
