using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TokenBroker.Limits;

namespace TokenBroker.Sessions;

/// <summary>Removes what has expired: much at a time from the timer, a little beside each create-session (docs/decisions/0005).</summary>
public sealed partial class SessionSweeper(ISessionStore store, BrokerMetrics metrics, TimeProvider time, ILogger<SessionSweeper> logger) : IHostedService, IDisposable
{
    /// <summary>The most sessions that one run of the timer removes.</summary>
    public const int TimerLimit = 20_000;

    /// <summary>The most sessions that are removed beside one create-session.</summary>
    public const int BesideLimit = 100;

    /// <summary>How often one instance clears beside create-session: what expires in between waits for the next.</summary>
    public static readonly TimeSpan BesideInterval = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stopping = new();
    private readonly Interval _interval = new(BesideInterval);

    /// <summary>The clearing that was begun last; done when it is.</summary>
    internal Task Beside { get; private set; } = Task.CompletedTask;

    /// <summary>Removes expired sessions and their grants.</summary>
    /// <param name="limit">The most sessions to remove.</param>
    /// <param name="cancellation">Stops between removals.</param>
    /// <returns>How many sessions were removed.</returns>
    public async Task<int> SweepAsync(int limit, CancellationToken cancellation)
    {
        var removed = await store.SweepAsync(time.GetUtcNow(), limit, cancellation);
        metrics.Swept(removed);
        if (removed > 0)
            Log.Swept(logger, removed);
        return removed;
    }

    /// <summary>Starts clearing and returns at once; at most one clearing runs at a time, and none follows another within <see cref="BesideInterval"/>.</summary>
    public void ClearBeside()
    {
        if (Beside.IsCompleted && !_stopping.IsCancellationRequested && _interval.IsDue(time.GetUtcNow()))
            Beside = Task.Run(ClearAsync);
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await Beside.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    private async Task ClearAsync()
    {
        try
        {
            await SweepAsync(BesideLimit, _stopping.Token);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The host stops; the timer of another instance goes on.
        }
#pragma warning disable CA1031 // Nobody awaits this: whatever happens, the timer sweeps what is left.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Failed(logger, exception.GetBaseException().GetType().Name);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Removed {Count} expired sessions")]
        public static partial void Swept(ILogger logger, int count);

        [LoggerMessage(2, LogLevel.Warning, "Clearing beside create-session failed: {Exception}")]
        public static partial void Failed(ILogger logger, string exception);
    }
}
