namespace TokenBroker.SignIns;

/// <summary>
/// Stops guessing: after ten failed codes in five minutes a client address gets no further attempt until the first of them is five
/// minutes old. A right code in between neither counts nor resets (docs/decisions/0006).
/// </summary>
public sealed partial class FailureLimiter(ISessionStore store, ISecrets secrets, TimeProvider time, ILogger<FailureLimiter> logger)
{
    /// <summary>The failures after which an address must wait.</summary>
    public const int MaxFailures = 10;

    /// <summary>
    /// The same while the app is under attack (<see cref="FailedCode.AttackThreshold"/>). Nobody is locked out by somebody else's
    /// guessing.
    /// </summary>
    public const int MaxFailuresUnderAttack = 3;

    /// <summary>How often an instance counts the failures of an app from all addresses.</summary>
    private static readonly TimeSpan AttackCheckInterval = TimeSpan.FromSeconds(10);

    /// <summary>The failures of an app at one instance after which it counts sooner.</summary>
    private const int AttackCheckFailures = 100;

    /// <summary>How long an attack is believed to go on when there is no failure that would count again.</summary>
    private static readonly TimeSpan AttackMemory = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _time = time;
    private readonly Lock _lock = new();
    private readonly WindowCounter _failures = new(FailedCode.Window, time);
    private readonly WindowCounter _rightCodes = new(FailedCode.Window, time);
    private readonly WindowCounter _attacks = new(AttackMemory, time);
    private readonly WindowCounter _attackChecks = new(AttackCheckInterval, time);
    private readonly WindowCounter _failuresSinceCheck = new(AttackCheckInterval, time);
    private readonly Dictionary<string, (int Count, TaskCompletionSource OneEnded)> _attempts = [];

    /// <summary>
    /// Begins an attempt. An address that has failed f times runs at most 10 − f attempts at a time, since each may fail; others wait
    /// until one has ended. So players behind one address do not lock each other out, and guessing in parallel gives no more attempts.
    /// </summary>
    /// <param name="address">The client's address.</param>
    /// <param name="app">The app that the request names; empty when none.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The attempt, to be disposed of at its end; null when the address must wait for <see cref="WaitOf"/>.</returns>
    internal async Task<Attempt?> TryEnterAsync(string address, string app, CancellationToken cancellation)
    {
        while (true)
        {
            Task oneEnded;
            lock (_lock)
            {
                var failures = _failures.Count(address);
                var most = MaxFailuresOf(app);
                if (failures >= most)
                    return null;
                var (count, signal) = _attempts.GetValueOrDefault(address, (0, NewSignal()));
                if (failures + count < most)
                {
                    _attempts[address] = (count + 1, signal);
                    return new(this, address, app);
                }
                oneEnded = signal.Task;
            }
            await oneEnded.WaitAsync(cancellation);
        }
    }

    /// <summary>How long an address must wait for its next attempt.</summary>
    internal TimeSpan WaitOf(string address, string app) =>
        _failures.WaitUntilBelow(MaxFailuresOf(app), address) ?? TimeSpan.FromSeconds(1);

    /// <summary>Remembers that a code was right: presented again it is a repetition and no guess.</summary>
    internal void RememberRight(string code) => _rightCodes.Add(code, id: code, _time.GetUtcNow());

    /// <summary>Whether a code was right within the last five minutes, at this instance.</summary>
    internal bool WasRight(string code) => _rightCodes.Count(code) > 0;

    private int MaxFailuresOf(string app) => _attacks.Count(app) > 0 ? MaxFailuresUnderAttack : MaxFailures;

    private void End(string address, FailedCode? failure)
    {
        TaskCompletionSource ended;
        lock (_lock)
        {
            if (failure is not null)
                _failures.Add(address, failure.Id, failure.At);
            (var count, ended) = _attempts[address];
            if (count == 1)
                _attempts.Remove(address);
            else
                _attempts[address] = (count - 1, NewSignal());
        }
        ended.SetResult();
    }

    /// <summary>
    /// Tells all other instances of a failure, and learns of theirs: 1 write, 2 or 3 queries. It has been counted here, and holds up no
    /// other attempt.
    /// </summary>
    private async Task ShareAsync(string address, string app, FailedCode failure)
    {
        try
        {
            var keys = await secrets.ProtectionKeysAsync(CancellationToken.None);
            var addressTag = keys.Current(failure.At).AddressTag(address);
            foreach (var known in await store.AddFailureAsync(addressTag, app, failure, CancellationToken.None))
            {
                // Another instance's clock may be ahead: its failure counts from now.
                _failures.Add(address, known.Id, known.At < failure.At ? known.At : failure.At);
            }
            await DetectAttackAsync(app, failure.At);
        }
#pragma warning disable CA1031 // The answer does not depend on it; this instance goes on counting by itself.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.NotShared(logger, exception.GetBaseException().GetType().Name);
        }
    }

    private async Task DetectAttackAsync(string app, DateTimeOffset now)
    {
        if (!TryBeginAttackCheck(app))
            return;
        if (await store.CountFailuresAsync(app, now, CancellationToken.None) >= FailedCode.AttackThreshold)
            _attacks.Add(app);
        else
            _attacks.Clear(app);
    }

    /// <summary>
    /// True for the one request that is to count an app's failures: every ten seconds, and at every hundredth failure in between.
    /// </summary>
    private bool TryBeginAttackCheck(string app)
    {
        lock (_lock)
        {
            _failuresSinceCheck.Add(app);
            var isTooSoon = _attackChecks.Count(app) > 0 && _failuresSinceCheck.Count(app) < AttackCheckFailures;
            if (isTooSoon)
                return false;
            _attackChecks.Clear(app);
            _attackChecks.Add(app);
            _failuresSinceCheck.Clear(app);
            return true;
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>One attempt at a code. Disposed of without a verdict it does not count.</summary>
    internal sealed class Attempt(FailureLimiter limiter, string address, string app) : IDisposable
    {
        private bool _hasEnded;

        /// <summary>Ends the attempt: its code was right. What follows may take its time and holds up nobody.</summary>
        public void Succeeded() => End(failure: null);

        /// <summary>Ends the attempt as a failure, which counts here and at all other instances: 1 write, 2 or 3 queries.</summary>
        public Task FailedAsync()
        {
            var failure = FailedCode.New(limiter._time.GetUtcNow());
            End(failure);
            return limiter.ShareAsync(address, app, failure);
        }

        /// <inheritdoc/>
        public void Dispose() => End(failure: null);

        private void End(FailedCode? failure)
        {
            if (!_hasEnded)
                limiter.End(address, failure);
            _hasEnded = true;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A failed code was counted by this instance only: {Exception}. Check storage")]
        public static partial void NotShared(ILogger logger, string exception);
    }
}
