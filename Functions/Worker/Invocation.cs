using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TokenBroker.Http;

namespace TokenBroker.Worker;

internal static class Invocation
{
    private static readonly ConcurrentDictionary<string, Audience> Audiences = new();

    /// <summary>Who calls the function that is invoked: its class says so.</summary>
    public static Audience AudienceOf(FunctionContext context) => Audiences.GetOrAdd(context.FunctionDefinition.EntryPoint, entryPoint =>
    {
        var className = entryPoint[..entryPoint.LastIndexOf('.')];
        return typeof(Invocation).Assembly.GetType(className, throwOnError: true)!.GetCustomAttribute<RepliesToAttribute>()!.Audience;
    });

    /// <summary>The answer is sent. Otherwise the worker would send the result again, and tell the host its public members.</summary>
    public static void LeaveNothingToHost(FunctionContext context) => context.GetInvocationResult().Value = Results.Empty;
}
