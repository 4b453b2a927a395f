namespace TokenBroker.Endpoints;

/// <summary>The timer that removes everything older than five minutes. Expiry does not depend on it: every read checks.</summary>
/// <param name="sweeper">Does the work.</param>
public sealed class SweepSessions(Sweeper sweeper)
{
    /// <summary>Runs every minute; what one run leaves, the next removes.</summary>
    /// <param name="timer">The schedule's state.</param>
    /// <param name="cancellation">Cancelled when the host stops.</param>
    /// <returns>Done when this run is.</returns>
    [Function(nameof(SweepSessions))]
    public Task Run([TimerTrigger("0 * * * * *")] TimerInfo timer, CancellationToken cancellation) =>
        sweeper.SweepAsync(Sweeper.TimerLimit, cancellation);
}
