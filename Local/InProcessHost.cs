using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TokenBroker.Web.Middleware;

namespace TokenBroker.Local;

/// <summary>
/// Serves the functions of an assembly on ASP.NET Core, for Local, tests and benchmarks. Where a caller can notice, it does as the
/// Functions host: a wrong method is 404, paths ignore case and a trailing slash, and routes begin with the prefix of host.json.
/// </summary>
internal static class InProcessHost
{
    private const string EveryMinute = "0 * * * * *";

    /// <summary>The functions of an assembly that HTTP triggers.</summary>
    public static IReadOnlyList<HttpFunction> HttpFunctions(Assembly assembly, string? routePrefix = null) =>
    [
        .. from function in FunctionsOf(assembly)
           let trigger = function.Method.GetParameters()[0].GetCustomAttribute<HttpTriggerAttribute>()
           where trigger is not null
           let route = $"{routePrefix ?? RoutePrefix(AppContext.BaseDirectory)}/{trigger.Route ?? function.Name}".TrimStart('/')
           select new HttpFunction(function.Name, route, [.. trigger.Methods!.Select(method => method.ToUpperInvariant())],
               function.Method),
    ];

    /// <summary>Maps them.</summary>
    /// <param name="app">Where to.</param>
    /// <param name="assembly">The assembly that they are in.</param>
    /// <param name="callerOf">Who calls; null to take the address of the connection.</param>
    /// <param name="routePrefix">What their routes begin with; null for what host.json says.</param>
    public static void MapFunctions(
        this WebApplication app, Assembly assembly, Func<HttpContext, ClientAddress>? callerOf = null, string? routePrefix = null)
    {
        foreach (var function in HttpFunctions(assembly, routePrefix))
        {
            // Mapped for all methods: ASP.NET Core would answer 405 to others, the host answers 404.
            app.Map(function.Route, http =>
                function.Methods.Contains(http.Request.Method) ? function.RunAsync(http, callerOf) : NotFoundAsync(http));
        }
        app.MapFallback(NotFoundAsync);
    }

    /// <summary>The functions of an assembly that a timer triggers, with their schedules.</summary>
    public static IEnumerable<(string Name, string Schedule, MethodInfo Method)> TimerFunctions(Assembly assembly) =>
        from function in FunctionsOf(assembly)
        let trigger = function.Method.GetParameters()[0].GetCustomAttribute<TimerTriggerAttribute>()
        where trigger is not null
        select (function.Name, trigger.Schedule, function.Method);

    /// <summary>Runs them, all of them every minute.</summary>
    public static void AddFunctionTimers(this IServiceCollection services, Assembly assembly)
    {
        foreach (var (name, schedule, method) in TimerFunctions(assembly))
        {
            if (schedule != EveryMinute)
                throw new InvalidOperationException($"{name} is to run at '{schedule}', but timers run every minute here.");
            services.AddSingleton<IHostedService>(provider => ActivatorUtilities.CreateInstance<MinuteTimer>(provider, method));
        }
    }

    /// <summary><c>extensions.http.routePrefix</c> of the host.json in a folder; <c>api</c> without one, as on the host.</summary>
    public static string RoutePrefix(string folder)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "host.json")));
        var prefix = json.RootElement.TryGetProperty("extensions", out var extensions) &&
            extensions.TryGetProperty("http", out var http) &&
            http.TryGetProperty("routePrefix", out var value) ? value.GetString()! : "api";
        return prefix.Trim('/');
    }

    private static Task NotFoundAsync(HttpContext http) =>
        http.RequestServices.GetRequiredService<EndpointRunner>().AnswerNotFoundAsync(http);

    private static IEnumerable<(string Name, MethodInfo Method)> FunctionsOf(Assembly assembly) =>
        from type in assembly.GetExportedTypes()
        from method in type.GetMethods()
        let function = method.GetCustomAttribute<FunctionAttribute>()
        where function is not null
        orderby function.Name.ToUpperInvariant()
        select (function.Name, method);
}

/// <summary>A function behind a route, run in this process.</summary>
/// <param name="name">The function's name.</param>
/// <param name="route">Its route template with the route prefix, without a leading slash.</param>
/// <param name="methods">The methods that it answers, in capitals.</param>
/// <param name="method">What it runs.</param>
internal sealed class HttpFunction(string name, string route, IReadOnlyList<string> methods, MethodInfo method)
{
    private readonly RepliesToAttribute _repliesTo = method.DeclaringType!.GetCustomAttribute<RepliesToAttribute>()!;
    private readonly ObjectFactory _newEndpoint = ActivatorUtilities.CreateFactory(method.DeclaringType!, []);
    private readonly MethodInvoker _invoker = MethodInvoker.Create(method);

    public string Name => name;

    public string Route => route;

    public IReadOnlyList<string> Methods => methods;

    /// <summary>Answers a request, as the worker's middleware does.</summary>
    public Task RunAsync(HttpContext http, Func<HttpContext, ClientAddress>? callerOf = null)
    {
        var runner = http.RequestServices.GetRequiredService<EndpointRunner>();
        var caller = callerOf ?? (each => ClientAddress.From(each.Connection.RemoteIpAddress));
        return runner.RunAsync(http, _repliesTo, () => caller(http), () => InvokeAsync(http));
    }

    private Task<IResult> InvokeAsync(HttpContext http)
    {
        var result = _invoker.Invoke(_newEndpoint(http.RequestServices, []), http.Request);
        return result as Task<IResult> ?? Task.FromResult((IResult)result!);
    }
}

/// <summary>Runs a function every minute, one run at a time, until the host stops.</summary>
internal sealed partial class MinuteTimer(MethodInfo method, IServiceProvider services, TimeProvider time, ILogger<MinuteTimer> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMinutes(1), time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await (Task)method.Invoke(ActivatorUtilities.CreateInstance(services, method.DeclaringType!),
                    [new TimerInfo(), stoppingToken])!;
            }
#pragma warning disable CA1031 // A failed run must not end the schedule.
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                Log.Failed(logger, method.DeclaringType!.Name, exception.GetBaseException().GetType().Name);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "{Function} failed: {Exception}")]
        public static partial void Failed(ILogger logger, string function, string exception);
    }
}
