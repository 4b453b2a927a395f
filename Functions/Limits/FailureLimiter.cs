using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using TokenBroker.Sessions;

namespace TokenBroker.Limits;

/// <summary>
/// Stops guessing: after ten failed codes in five minutes a client address gets no further try until the first of them is five minutes
/// old. A right code in between neither counts nor resets (docs/decisions/0006).
/// </summary>
public sealed partial class FailureLimiter(ISessionStore store, TimeProvider time, ILogger<FailureLimiter> logger)
{
    /// <summary>The failures after which an address must wait.</summary>
    public const int MaxFailures = 10;

    /// <summary>The failures after which an address must wait while the app as a whole is under attack.</summary>
    public const int MaxFailuresUnderAttack = 3;

    /// <summary>The failures of an app, from all addresses within <see cref="Window"/>, that count as an attack. Nobody is locked out for it: everybody has fewer tries.</summary>
    public const int AttackThreshold = 1_000;

    /// <summary>How often an instance looks whether an app is under attack.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(10);

    /// <summary>How long a failure counts.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    /// <summary>How often entries that no longer matter are dropped.</summary>
    private static readonly TimeSpan TidyInterval = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, IReadOnlyList<DateTimeOffset>> _failures = new();
    private readonly ConcurrentDictionary<GrantKey, DateTimeOffset> _used = new();
    private readonly ConcurrentDictionary<string, (bool UnderAttack, DateTimeOffset LookedAt)> _apps = new();
    private long _nextTidy;

    /// <summary>How long an address must wait.</summary>
    /// <param name="address">The client's address.</param>
    /// <param name="app">The app that the request names; empty when none.</param>
    /// <returns>A time of at most <see cref="Window"/>; null when it need not wait.</returns>
    internal TimeSpan? Wait(string address, string app)
    {
        var now = time.GetUtcNow();
        var recent = Recent(_failures.GetValueOrDefault(address, []), now);
        var allowed = _apps.GetValueOrDefault(app).UnderAttack ? MaxFailuresUnderAttack : MaxFailures;
        return recent.Count >= allowed ? recent[^allowed] + Window - now : null;
    }

    /// <summary>Remembers that a code was right, so that presenting it again is a repetition and no guess.</summary>
    internal void Used(GrantKey grant)
    {
        Tidy();
        _used[grant] = time.GetUtcNow() + Session.Lifetime;
    }

    /// <summary>Whether a code was right a while ago.</summary>
    internal bool WasUsed(GrantKey grant) => _used.TryGetValue(grant, out var until) && time.GetUtcNow() < until;

    /// <summary>Counts a failure, here and for all other instances: 1 write.</summary>
    internal async Task FailedAsync(string address, string app)
    {
        var now = time.GetUtcNow();
        Tidy();
        _failures.AddOrUpdate(address, [now], (_, failures) => [.. Recent(failures, now), now]);
        try
        {
            var everywhere = await store.AddFailureAsync(address, app, now, CancellationToken.None);
            // Another instance's clock may be ahead: nobody waits longer than the window for it.
            everywhere = [.. everywhere.Select(failure => failure > now ? now : failure)];
            _failures.AddOrUpdate(address, everywhere, (_, here) => here.Count > everywhere.Count ? here : everywhere);
            if (now >= _apps.GetValueOrDefault(app).LookedAt + LookInterval)
                _apps[app] = (await store.CountFailuresAsync(app, now, CancellationToken.None) >= AttackThreshold, now);
        }
#pragma warning disable CA1031 // The caller has its answer already; this instance goes on counting by itself.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.NotShared(logger, exception.GetBaseException().GetType().Name);
        }
    }

    private static List<DateTimeOffset> Recent(IReadOnlyList<DateTimeOffset> failures, DateTimeOffset now) =>
        [.. failures.Where(failure => now < failure + Window)];

    /// <summary>Drops what no longer matters, every half minute, by the one request that comes first.</summary>
    private void Tidy()
    {
        var now = time.GetUtcNow();
        var due = Volatile.Read(ref _nextTidy);
        if (now.UtcTicks < due || Interlocked.CompareExchange(ref _nextTidy, (now + TidyInterval).UtcTicks, due) != due)
            return;
        foreach (var entry in _failures.Where(entry => Recent(entry.Value, now).Count == 0))
            _failures.TryRemove(entry);
        foreach (var entry in _used.Where(entry => entry.Value <= now))
            _used.TryRemove(entry);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A failed code was counted by this instance only: {Exception}")]
        public static partial void NotShared(ILogger logger, string exception);
    }
}
