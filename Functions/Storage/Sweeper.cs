namespace TokenBroker.Storage;

/// <summary>
/// Removes what has expired: much at a time from the timer, a little in the background of create-session (docs/decisions/0005).
/// </summary>
public sealed partial class Sweeper(ISessionStore store, BrokerMetrics metrics, TimeProvider time, ILogger<Sweeper> logger)
    : IHostedService, IDisposable
{
    /// <summary>The most sessions that one run of the timer removes.</summary>
    public const int TimerLimit = 100_000;

    /// <summary>The most sessions that one sweep in the background removes.</summary>
    public const int BackgroundLimit = 100;

    /// <summary>The shortest time between two sweeps in the background of one instance.</summary>
    public static readonly TimeSpan BackgroundInterval = TimeSpan.FromSeconds(5);

    /// <summary>How often the timer asks whether another sweep is over.</summary>
    private const int MaxTries = 30;

    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private DateTimeOffset _nextInBackground;

    /// <summary>The last sweep in the background.</summary>
    internal Task InBackground { get; private set; } = Task.CompletedTask;

    /// <summary>
    /// Removes expired sessions and their code entries. While another sweep does so, here or at another instance, it waits for its end.
    /// </summary>
    /// <param name="limit">The most sessions to remove.</param>
    /// <param name="cancellation">Stops between removals.</param>
    /// <returns>How many sessions were removed.</returns>
    public async Task<int> SweepAsync(int limit, CancellationToken cancellation)
    {
        await InBackground.WaitAsync(cancellation);
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if (await TrySweepAsync(limit, cancellation) is { } removed)
                return removed;
            await Task.Delay(RetryInterval, time, cancellation);
        }
        Log.Occupied(logger);
        return 0;
    }

    /// <summary>
    /// Starts a sweep and returns at once, unless one is running or the last began less than <see cref="BackgroundInterval"/> ago.
    /// </summary>
    public void SweepInBackground()
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            if (now < _nextInBackground || !InBackground.IsCompleted || _stopping.IsCancellationRequested)
                return;
            _nextInBackground = now + BackgroundInterval;
            InBackground = Task.Run(RunInBackgroundAsync);
        }
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await InBackground.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    private async Task<int?> TrySweepAsync(int limit, CancellationToken cancellation)
    {
        var removed = await store.SweepAsync(time.GetUtcNow(), limit, cancellation);
        if (removed is not { } count)
            return null;
        metrics.Swept(count);
        if (count > 0)
            Log.Swept(logger, count);
        return count;
    }

    private async Task RunInBackgroundAsync()
    {
        try
        {
            await TrySweepAsync(BackgroundLimit, _stopping.Token);
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

        [LoggerMessage(2, LogLevel.Warning, "A sweep beside create-session failed: {Exception}. The timer sweeps what is left")]
        public static partial void Failed(ILogger logger, string exception);

        [LoggerMessage(3, LogLevel.Warning, "Another sweep has been at work for half a minute; the next run of the timer goes on")]
        public static partial void Occupied(ILogger logger);
    }
}
