namespace TokenBroker.SignIns;

/// <summary>What is counted apart, so that failures of one kind cost nobody behind the same address the other.</summary>
internal enum FailureKind
{
    /// <summary>A wrong access code.</summary>
    AccessCode,

    /// <summary>A wrong user code, or a wrong pick.</summary>
    UserCode,

    /// <summary>
    /// A wrong user code in a link on another site's page: such a page can make its visitors follow many.
    /// </summary>
    LinkedUserCode,

    /// <summary>A provider's code that the provider refused.</summary>
    ProviderCode,

    /// <summary>A refresh that the provider refused.</summary>
    Refresh,

    /// <summary>A token that the provider refused at its user endpoint or was to revoke.</summary>
    AccessToken,
}

/// <summary>
/// Stops guessing, and calls to providers at a stranger's wish: after so many failures of a kind in five minutes a client address gets no
/// further attempt until the first of them is five minutes old. A success in between neither counts nor resets (docs/decisions/0006).
/// </summary>
public sealed partial class FailureLimiter(ISessionStore store, ISecrets secrets, TimeProvider time, ILogger<FailureLimiter> logger)
{
    /// <summary>The wrong codes after which an address must wait.</summary>
    public const int MaxWrongCodes = 10;

    /// <summary>The failures at a provider after which an address must wait.</summary>
    public const int MaxProviderFailures = 30;

    private readonly TimeProvider _time = time;
    private readonly Lock _lock = new();
    private readonly WindowCounter _failures = new(Failure.Window, time);
    private readonly Dictionary<Caller, Attempts> _attempts = [];

    /// <summary>
    /// Begins an attempt. An address that has failed f of m times runs at most m − f attempts at a time, since each may fail; others wait
    /// until one has ended. So players behind one address do not lock each other out, and guessing in parallel gives no more attempts.
    /// </summary>
    /// <param name="kind">What may fail.</param>
    /// <param name="address">The client's address.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The attempt, to be disposed of at its end; null when the address must wait for <see cref="WaitOf"/>.</returns>
    internal async Task<Attempt?> TryEnterAsync(FailureKind kind, string address, CancellationToken cancellation)
    {
        var caller = new Caller(kind, address);
        var turn = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (!_attempts.TryGetValue(caller, out var attempts))
                _attempts[caller] = attempts = new();
            attempts.Waiting.Enqueue(turn);
            LetIn(caller, attempts);
        }
        await using var cancelled = cancellation.Register(() => turn.TrySetCanceled(cancellation));
        return await turn.Task ? new(this, caller) : null;
    }

    /// <summary>How long an address must wait for its next attempt; at most <see cref="Failure.Window"/>.</summary>
    internal TimeSpan WaitOf(FailureKind kind, string address)
    {
        var caller = new Caller(kind, address);
        return _failures.WaitUntilBelow(caller.MaxFailures, caller.Key) ?? TimeSpan.FromSeconds(1);
    }

    /// <summary>Lets in as many as may run, and tells all others when none may any more.</summary>
    private void LetIn(Caller caller, Attempts attempts)
    {
        var left = caller.MaxFailures - _failures.Count(caller.Key);
        if (left <= 0)
        {
            while (attempts.Waiting.TryDequeue(out var refused))
                refused.TrySetResult(false);
        }
        while (attempts.Running < left && attempts.Waiting.TryDequeue(out var next))
        {
            // One that has gone away takes no place.
            if (next.TrySetResult(true))
                attempts.Running++;
        }
        if (attempts.Running == 0)
            _attempts.Remove(caller);
    }

    private void End(Caller caller, Failure? failure)
    {
        lock (_lock)
        {
            if (failure is not null)
                _failures.Add(caller.Key, failure.Id, failure.At);
            var attempts = _attempts[caller];
            attempts.Running--;
            LetIn(caller, attempts);
        }
    }

    /// <summary>
    /// Tells all other instances of a failure, and learns of theirs: 1 write, 2 or 3 reads. It has been counted here, and holds up no
    /// other attempt.
    /// </summary>
    private async Task ShareAsync(Caller caller, Failure failure)
    {
        try
        {
            var keys = await secrets.ProtectionKeysAsync(CancellationToken.None);
            var tag = keys.Current(failure.At).AddressTag(caller.Key);
            foreach (var known in await store.AddFailureAsync(tag, failure, CancellationToken.None))
            {
                // Another instance's clock may be ahead: its failure counts from now.
                _failures.Add(caller.Key, known.Id, known.At < failure.At ? known.At : failure.At);
            }
        }
#pragma warning disable CA1031 // The answer does not depend on it; this instance goes on counting by itself.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.NotShared(logger, exception.GetBaseException().GetType().Name);
        }
    }

    /// <summary>One attempt. Disposed of without a verdict it does not count.</summary>
    internal sealed class Attempt(FailureLimiter limiter, Caller caller) : IDisposable
    {
        private bool _hasEnded;

        /// <summary>Ends the attempt well. What follows may take its time and holds up nobody.</summary>
        public void Succeeded() => End(failure: null);

        /// <summary>Ends the attempt as a failure, which counts here and at all other instances: 1 write, 2 or 3 reads.</summary>
        public Task FailedAsync()
        {
            if (_hasEnded)
                return Task.CompletedTask;
            var failure = Failure.New(limiter._time.GetUtcNow());
            End(failure);
            return limiter.ShareAsync(caller, failure);
        }

        /// <inheritdoc/>
        public void Dispose() => End(failure: null);

        private void End(Failure? failure)
        {
            if (!_hasEnded)
                limiter.End(caller, failure);
            _hasEnded = true;
        }
    }

    /// <summary>Who tries what.</summary>
    internal sealed record Caller(FailureKind Kind, string Address)
    {
        public string Key { get; } = $"{Kind} {Address}";

        public int MaxFailures => Kind is FailureKind.AccessCode or FailureKind.UserCode or FailureKind.LinkedUserCode
            ? MaxWrongCodes
            : MaxProviderFailures;
    }

    /// <summary>The attempts of a caller that run, and those that wait for one to end.</summary>
    private sealed class Attempts
    {
        public int Running { get; set; }

        public Queue<TaskCompletionSource<bool>> Waiting { get; } = new();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A failure was counted by this instance only: {Exception}. Check storage")]
        public static partial void NotShared(ILogger logger, string exception);
    }
}
