using Microsoft.Extensions.Hosting;

namespace TokenBroker.Secrets;

/// <summary>Reads the secrets at start and every five minutes after, so that no request waits for the vault and rotation needs no restart.</summary>
internal sealed class SecretRefresher(ISecrets secrets, TimeProvider time) : BackgroundService
{
    /// <summary>A third of <see cref="KeyRing.Delay"/>: an instance may miss two reads before it lags behind a rotation.</summary>
    public static readonly TimeSpan Interval = KeyRing.Delay / 3;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            await secrets.RefreshAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
