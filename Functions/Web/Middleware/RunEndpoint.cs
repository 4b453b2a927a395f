using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.Azure.Functions.Worker.Middleware;

namespace TokenBroker.Web.Middleware;

/// <summary>The worker middleware: runs the endpoint of an HTTP invocation, and the function of any other.</summary>
internal sealed class RunEndpoint(EndpointRunner runner) : IFunctionsWorkerMiddleware
{
    private static readonly ConcurrentDictionary<string, RepliesToAttribute> Endpoints = new();

    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        if (context.GetHttpContext() is not { } http)
        {
            await RunTimerAsync(context, next);
            return;
        }
        using var trace = RequestTrace.Begin(context.TraceContext.TraceParent);
        var bindingData = context.BindingContext.BindingData;
        await runner.RunAsync(http, EndpointOf(context), () => ClientAddress.FromBindingData(bindingData), async () =>
        {
            await next(context);
            return (IResult)context.GetInvocationResult().Value!;
        });
        // The answer is sent. Otherwise the worker would send the result again, and tell the host its public members.
        context.GetInvocationResult().Value = Results.Empty;
    }

    /// <summary>What the class of the function that is invoked says about its callers.</summary>
    private static RepliesToAttribute EndpointOf(FunctionContext context) => Endpoints.GetOrAdd(
        context.FunctionDefinition.EntryPoint,
        entryPoint =>
        {
            var className = entryPoint[..entryPoint.LastIndexOf('.')];
            var endpoint = typeof(RunEndpoint).Assembly.GetType(className, throwOnError: true)!;
            return endpoint.GetCustomAttribute<RepliesToAttribute>()!;
        });

    /// <summary>
    /// The host logs what a function throws. It gets the exception's type alone: a message of the storage client holds a whole response
    /// body.
    /// </summary>
    private static async Task RunTimerAsync(FunctionContext context, FunctionExecutionDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw new InvalidOperationException(
                $"{context.FunctionDefinition.Name} failed: {exception.GetBaseException().GetType().Name}");
        }
    }
}
