using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using TokenBroker.Http;

namespace TokenBroker.Worker;

/// <summary>Runs the endpoint of an HTTP invocation, and the function of any other.</summary>
internal sealed class RunEndpoint(EndpointRunner runner) : IFunctionsWorkerMiddleware
{
    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        if (context.GetHttpContext() is not { } http)
        {
            await RunTimerAsync(context, next);
            return;
        }
        await runner.RunAsync(http, Invocation.AudienceOf(context), PlatformAddress.Of(context.BindingContext.BindingData), async () =>
        {
            await next(context);
            return (IResult)context.GetInvocationResult().Value!;
        });
        Invocation.LeaveNothingToHost(context);
    }

    /// <summary>Lets the host, which logs what a function throws, see the exception's type alone: a message of the storage client holds a whole response body.</summary>
    private static async Task RunTimerAsync(FunctionContext context, FunctionExecutionDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw new InvalidOperationException($"{context.FunctionDefinition.Name} failed: {exception.GetBaseException().GetType().Name}");
        }
    }
}
