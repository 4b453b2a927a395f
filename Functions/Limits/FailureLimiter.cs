using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using TokenBroker.Secrets;
using TokenBroker.Sessions;

namespace TokenBroker.Limits;

/// <summary>
/// Stops guessing: after ten failed codes in five minutes a client address gets no further try until the first of them is five minutes
/// old. A right code in between neither counts nor resets (docs/decisions/0006).
/// </summary>
public sealed partial class FailureLimiter(ISessionStore store, ISecrets secrets, TimeProvider time, ILogger<FailureLimiter> logger)
{
    /// <summary>The failures after which an address must wait.</summary>
    public const int MaxFailures = 10;

    /// <summary>The failures after which an address must wait while the app as a whole is under attack.</summary>
    public const int MaxFailuresUnderAttack = 3;

    /// <summary>The failures of an app, from all addresses within <see cref="Window"/>, that count as an attack. Nobody is locked out for it: everybody has fewer tries.</summary>
    public const int AttackThreshold = 1_000;

    /// <summary>How often an instance looks whether an app is under attack.</summary>
    public static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(10);

    /// <summary>The failures of an app at one instance after which it looks sooner.</summary>
    public const int LookFailures = 100;

    /// <summary>How long an attack is believed to go on when no failure comes to look again.</summary>
    public static readonly TimeSpan AttackMemory = TimeSpan.FromMinutes(1);

    /// <summary>How long a failure counts.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    /// <summary>How often entries that no longer matter are dropped.</summary>
    private static readonly TimeSpan TidyInterval = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, Caller> _callers = new();
    private readonly RedeemedGrants _redeemed = new();
    private readonly ConcurrentDictionary<string, Look> _apps = new();
    private readonly Interval _tidying = new(TidyInterval);

    /// <summary>Begins a try, once one is free: at most as many run at a time as may still fail.</summary>
    /// <param name="address">The client's address.</param>
    /// <param name="app">The app that the request names; empty when none.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <returns>The try, to be disposed of at its end; or how long the address must wait.</returns>
    internal async Task<Attempt> BeginAsync(string address, string app, CancellationToken cancellation)
    {
        Tidy();
        while (true)
        {
            var caller = _callers.GetOrAdd(address, _ => new());
            var (taken, wait) = await caller.TakeAsync(() => Allowed(app), time, cancellation);
            if (taken)
                return new(caller, time, failure => ShareAsync(caller, address, app, failure));
            if (wait is not null)
                return new(wait.Value);
        }
    }

    /// <summary>Remembers that a code was right, so that presenting it again is a repetition and no guess.</summary>
    internal void Used(GrantKey grant) => _redeemed.Add(grant);

    /// <summary>Whether a code was right lately.</summary>
    internal bool WasUsed(GrantKey grant) => _redeemed.Contains(grant);

    private int Allowed(string app) =>
        _apps.TryGetValue(app, out var look) && look.UnderAttack && time.GetUtcNow() < look.LookedAt + AttackMemory ? MaxFailuresUnderAttack : MaxFailures;

    /// <summary>Tells all other instances of a failure, and learns of theirs: 1 write. It has been counted here, and holds up no other try.</summary>
    private async Task ShareAsync(Caller caller, string address, string app, FailedCode failure)
    {
        var now = failure.At;
        try
        {
            var keys = await secrets.ProtectionKeysAsync(CancellationToken.None);
            var everywhere = await store.AddFailureAsync(keys.Current(now).AddressTag(address), app, failure, CancellationToken.None);
            // Another instance's clock may be ahead: nobody waits longer than the window for it.
            caller.Count(everywhere.Select(known => known.At > now ? known with { At = now } : known));
            if (IsTimeToLook(app, now))
                _apps[app] = new(await store.CountFailuresAsync(app, now, CancellationToken.None) >= AttackThreshold, now, 0);
        }
#pragma warning disable CA1031 // The answer does not depend on it; this instance goes on counting by itself.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.NotShared(logger, exception.GetBaseException().GetType().Name);
        }
    }

    /// <summary>Whether it is time to look at an app as a whole, and this request is the one that looks: every ten seconds, and at every hundredth failure in between.</summary>
    private bool IsTimeToLook(string app, DateTimeOffset now)
    {
        var looks = false;
        _apps.AddOrUpdate(
            app,
            _ =>
            {
                looks = true;
                return new(false, now, 0);
            },
            (_, last) =>
            {
                looks = now >= last.LookedAt + LookInterval || last.FailuresSince + 1 >= LookFailures;
                return looks ? last with { LookedAt = now, FailuresSince = 0 } : last with { FailuresSince = last.FailuresSince + 1 };
            });
        return looks;
    }

    /// <summary>Drops what no longer matters, every half minute, by the one request that comes first.</summary>
    private void Tidy()
    {
        var now = time.GetUtcNow();
        if (!_tidying.IsDue(now))
            return;
        foreach (var entry in _callers.Where(entry => entry.Value.TryForget(now)))
            _callers.TryRemove(entry);
    }

    /// <summary>What an instance knows of an app as a whole.</summary>
    private readonly record struct Look(bool UnderAttack, DateTimeOffset LookedAt, int FailuresSince);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A failed code was counted by this instance only: {Exception}")]
        public static partial void NotShared(ILogger logger, string exception);
    }
}

/// <summary>One try at a code, or the refusal of one.</summary>
internal sealed class Attempt : IDisposable
{
    private readonly TimeProvider? _time;
    private readonly Func<FailedCode, Task>? _share;
    private Caller? _caller;

    public Attempt(Caller caller, TimeProvider time, Func<FailedCode, Task> share) => (_caller, _time, _share) = (caller, time, share);

    public Attempt(TimeSpan wait) => Wait = wait;

    /// <summary>How long the address must wait; null when the try may be made.</summary>
    public TimeSpan? Wait { get; }

    /// <summary>Counts the try as a failure, here and for all other instances: 1 write.</summary>
    public Task FailedAsync()
    {
        var failure = FailedCode.New(_time!.GetUtcNow());
        Interlocked.Exchange(ref _caller, null)!.Fail(failure);
        return _share!(failure);
    }

    /// <summary>Ends the try: its code was right, or something else was wrong.</summary>
    public void Dispose() => Interlocked.Exchange(ref _caller, null)?.End();
}
