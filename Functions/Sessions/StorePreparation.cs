using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace TokenBroker.Sessions;

/// <summary>Creates the tables once, at start. While storage is down the app starts all the same, reports itself not ready, and tries again.</summary>
internal sealed partial class StorePreparation(ISessionStore store, TimeProvider time, ILogger<StorePreparation> logger) : BackgroundService
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(5);
    private readonly TaskCompletionSource _firstTry = new();

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await base.StartAsync(cancellationToken);
        await Task.WhenAny(_firstTry.Task, Task.Delay(Wait, time, cancellationToken));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!await TryPrepareAsync(stoppingToken))
            await Task.Delay(Wait, time, stoppingToken);
    }

    private async Task<bool> TryPrepareAsync(CancellationToken stopping)
    {
        try
        {
            await store.PrepareAsync(stopping);
            return true;
        }
#pragma warning disable CA1031 // Whatever keeps storage from answering, it is tried again.
        catch (Exception exception) when (!stopping.IsCancellationRequested)
#pragma warning restore CA1031
        {
            Log.Failed(logger, exception.GetBaseException().GetType().Name);
            return false;
        }
        finally
        {
            _firstTry.TrySetResult();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The tables could not be created, and will be tried again: {Exception}")]
        public static partial void Failed(ILogger logger, string exception);
    }
}
