namespace TokenBroker.Storage;

/// <summary>
/// Creates missing tables at start. While storage is down the app starts all the same, reports itself not ready, and tries again.
/// </summary>
internal sealed partial class TableSetup(ISessionStore store, TimeProvider time, ILogger<TableSetup> logger) : BackgroundService
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(5);
    private readonly TaskCompletionSource _firstTry = new();

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await base.StartAsync(cancellationToken);
        await Task.WhenAny(_firstTry.Task, Task.Delay(RetryInterval, time, cancellationToken));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!await TryPrepareAsync(stoppingToken))
            await Task.Delay(RetryInterval, time, stoppingToken);
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
        [LoggerMessage(1, LogLevel.Error,
            "The tables could not be created: {Exception}. It will be tried again; check storage and the app's role there")]
        public static partial void Failed(ILogger logger, string exception);
    }
}
