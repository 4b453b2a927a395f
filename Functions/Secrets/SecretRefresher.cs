namespace TokenBroker.Secrets;

/// <summary>
/// Reads the secrets at start and every five minutes after, so that no request waits for the vault and rotation needs no restart.
/// </summary>
internal sealed partial class SecretRefresher(ISecrets secrets, TimeProvider time, ILogger<SecretRefresher> logger) : BackgroundService
{
    /// <summary>
    /// A third of <see cref="KeyRing.ActivationDelay"/>: an instance may miss two reads and still be in time for a rotation.
    /// </summary>
    public static readonly TimeSpan Interval = KeyRing.ActivationDelay / 3;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            await RefreshAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task RefreshAsync(CancellationToken stopping)
    {
        try
        {
            await secrets.RefreshAsync(stopping);
        }
        // A key that is none stops the host, as any other wrong configuration does.
#pragma warning disable CA1031 // Whatever else it is, the next round tries again; a background service that throws would stop the host.
        catch (Exception exception) when (exception is not ConfigurationException && !stopping.IsCancellationRequested)
#pragma warning restore CA1031
        {
            Log.Failed(logger, exception.GetType().Name);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The secrets could not be refreshed: {Exception}")]
        public static partial void Failed(ILogger logger, string exception);
    }
}
