using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using TokenBroker.Storage;

namespace TokenBroker.Benchmarks;

/// <summary>What the sweeper needs for expired sessions beside live ones: operations and time for each that expired.</summary>
internal static class Sweep
{
    private static readonly (int Expired, int Live)[] Cases =
        [(1_000, 0), (10_000, 0), (100_000, 0), (1_000, 100_000), (10_000, 100_000), (100_000, 100_000)];

    public static async Task<int> PrintAsync()
    {
        Console.WriteLine("| expired | live | runs | operations | for each expired | ms for each expired | left |");
        Console.WriteLine("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (var (expired, live) in Cases)
        {
            using var azurite = await Server.StartAsync("node", Servers.Azurite);
            var storage = Load.Connection(azurite.Port);
            var sessions = new TableClient(storage, "sessions");
            var store = new TableSessionStore(sessions, new(storage, "codes"), new(storage, "failures"));
            await store.PrepareAsync(default);
            var now = DateTimeOffset.UtcNow;
            await FillAsync(store, now, expired, live);

            var before = azurite.Lines;
            var clock = Stopwatch.StartNew();
            var (runs, removed) = (0, 0);
            for (var last = -1; last != 0; removed += last, runs++)
                last = await store.SweepAsync(now, Sweeper.TimerLimit, default) ?? 0;
            var elapsed = clock.Elapsed;
            var operations = azurite.Lines - before;
            var left = 0;
            await foreach (var _ in sessions.QueryAsync<TableEntity>(select: ["PartitionKey"]))
                left++;
            if (removed != expired || left != live)
                throw new InvalidOperationException($"{removed} of {expired} were removed, and {left} of {live} are left.");
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {expired} | {live} | {runs} | {operations} | {(double)operations / expired:0.00} " +
                $"| {elapsed.TotalMilliseconds / expired:0.00} | {left} |"));
        }
        return 0;
    }

    /// <summary>
    /// Sessions in storage: of ten that have expired one was never completed; one was never redeemed, so that its code entry waits too; and
    /// eight were.
    /// </summary>
    private static Task FillAsync(TableSessionStore store, DateTimeOffset now, int expired, int live) =>
        Parallel.ForEachAsync(Enumerable.Range(0, expired + live), new ParallelOptions { MaxDegreeOfParallelism = 16 },
            async (number, cancellation) =>
        {
            var created = number < expired ? now - TimeSpan.FromMinutes(6) - TimeSpan.FromMilliseconds(number) : now;
            var session = Session.Begin(SessionId.New(created), "bench", ["read"]);
            if (number < expired && number % 10 > 0)
                session = session.Claim(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)), created);
            if (number < expired && number % 10 == 1)
                await store.TryAddEntryAsync(new(session.CodeEntryKey!, new byte[600], session.ExpiresAt), cancellation);
            await store.AddAsync(session, cancellation);
        });

    /// <summary>The same with 10 ms in front of each storage call, as between an app and its storage account.</summary>
    public static async Task<int> PrintDelayedAsync()
    {
        const int expired = 20_000;
        using var azurite = await Server.StartAsync("node", Servers.Azurite);
        var storage = Load.Connection(azurite.Port);
        var store = new TableSessionStore(new(storage, "sessions"), new(storage, "codes"), new(storage, "failures"));
        await store.PrepareAsync(default);
        var now = DateTimeOffset.UtcNow;
        await FillAsync(store, now, expired, live: 0);
        var options = new TableClientOptions();
        options.AddPolicy(new Delay(), HttpPipelinePosition.PerRetry);
        var delayed = new TableSessionStore(
            new(storage, "sessions", options), new(storage, "codes", options), new(storage, "failures", options));
        var clock = Stopwatch.StartNew();
        var removed = await delayed.SweepAsync(now, Sweeper.TimerLimit, default);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{removed} expired sessions in {clock.Elapsed.TotalSeconds:0.0} s: {removed / clock.Elapsed.TotalSeconds:0} a second"));
        return 0;
    }

    private sealed class Delay : HttpPipelinePolicy
    {
        public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10));
            await ProcessNextAsync(message, pipeline);
        }

        public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => throw new NotSupportedException();
    }
}
