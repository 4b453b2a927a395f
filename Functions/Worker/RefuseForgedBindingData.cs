using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using TokenBroker.Http;
using TokenBroker.OAuth;

namespace TokenBroker.Worker;

/// <summary>The first middleware: answers 400 to requests that forge binding data, so that the next may believe it.</summary>
internal sealed class RefuseForgedBindingData(EndpointRunner runner) : IFunctionsWorkerMiddleware
{
    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        if (context.GetHttpContext() is { } http && await ForgedBindingData.IsInAsync(http.Request))
        {
            await runner.RefuseAsync(http, Invocation.AudienceOf(context), OAuthError.ForgedBindingData);
            Invocation.LeaveNothingToHost(context);
        }
        else
        {
            await next(context);
        }
    }
}
