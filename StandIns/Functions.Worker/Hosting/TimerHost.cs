using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>Runs each timer function on its schedule (UTC), one run at a time, until the host stops.</summary>
internal sealed partial class TimerHost(
    FunctionCatalog catalog, IServiceScopeFactory scopes, TimeProvider time, ILogger<TimerHost> logger) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(catalog.Timers.Select(timer => RunAsync(timer, stoppingToken)));

    private async Task RunAsync(TimerFunction timer, CancellationToken stopping)
    {
        var due = timer.Schedule.GetNextOccurrence(time.GetUtcNow().UtcDateTime);
        while (!stopping.IsCancellationRequested)
        {
            var wait = due - time.GetUtcNow().UtcDateTime;
            try
            {
                if (wait > TimeSpan.Zero)
                    await Task.Delay(wait, time, stopping);
                await InvokeAsync(timer, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            // Awaiting the run before looking for the next time keeps a slow one from meeting itself. A timer may fire a little early:
            // the next time is looked for behind this one in any case.
            var now = time.GetUtcNow().UtcDateTime;
            due = timer.Schedule.GetNextOccurrence(now > due ? now : due);
        }
    }

    private async Task InvokeAsync(TimerFunction timer, CancellationToken stopping)
    {
        await using var scope = scopes.CreateAsyncScope();
        try
        {
            await timer.Function.InvokeAsync(scope.ServiceProvider, new TimerInfo(), new InvocationContext(() => "{}", stopping), stopping);
        }
#pragma warning disable CA1031 // A failed run must not end the schedule.
        catch (Exception exception) when (exception is not OperationCanceledException || !stopping.IsCancellationRequested)
#pragma warning restore CA1031
        {
            Log.Failed(logger, timer.Function.Name, exception.GetType().FullName!);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Timer function {Function} failed with {Exception}")]
        public static partial void Failed(ILogger logger, string function, string exception);
    }
}
