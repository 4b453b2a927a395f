using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using TokenBroker.Http;

namespace TokenBroker.Worker;

/// <summary>The first middleware: answers 400 to requests that forge binding data, so that the next may believe it.</summary>
internal sealed class RefuseForgedBindingData(EndpointRunner runner) : IFunctionsWorkerMiddleware
{
    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        var http = context.GetHttpContext();
        var refusal = http is null ? null : await ForgedBindingData.FindAsync(http.Request);
        if (refusal is null)
        {
            await next(context);
            return;
        }
        await runner.RefuseAsync(http!, Invocation.AudienceOf(context), refusal);
        Invocation.LeaveNothingToHost(context);
    }
}
