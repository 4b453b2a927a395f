using System.Diagnostics;
using System.Globalization;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Microsoft.Extensions.Logging.Abstractions;
using TokenBroker.Apps;
using TokenBroker.Crypto;
using TokenBroker.Secrets;
using TokenBroker.SignIns;
using TokenBroker.Storage;

namespace TokenBroker.Benchmarks;

/// <summary>What counting a wrong code costs in storage operations: the first one, and in a flood from 10,000 addresses.</summary>
internal static class Failures
{
    private const int Addresses = 10_000;

    public static async Task<int> PrintAsync()
    {
        using var azurite = await Server.StartAsync("node", Servers.Azurite);
        var storage = Load.Connection(azurite.Port);
        var counter = new Counter();
        var options = new TableClientOptions();
        options.AddPolicy(counter, HttpPipelinePosition.PerRetry);
        var failures = new TableClient(storage, "failures", options);
        var store = new TableSessionStore(new(storage, "sessions"), new(storage, "codes"), failures);
        await store.PrepareAsync(default);
        var limiter = new FailureLimiter(store, new OneKey(), TimeProvider.System, NullLogger<FailureLimiter>.Instance);
        await FailAsync(limiter, "lead", 1);

        Console.WriteLine("| failures | from addresses | operations for each | ms for each | rows |");
        Console.WriteLine("| ---: | ---: | ---: | ---: | ---: |");
        await MeasureAsync("50", 50, failuresOfEach: 1);
        await MeasureAsync("100,000", Addresses, FailureLimiter.MaxWrongCodes);
        return 0;

        async Task MeasureAsync(string name, int addresses, int failuresOfEach)
        {
            counter.Count = 0;
            var clock = Stopwatch.StartNew();
            for (var address = 0; address < addresses; address++)
                await FailAsync(limiter, $"{name} {address}", failuresOfEach);
            var (elapsed, operations) = (clock.Elapsed, counter.Count);
            var rows = await failures.QueryAsync<TableEntity>(select: ["PartitionKey"]).CountAsync();
            var all = addresses * failuresOfEach;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {name} | {addresses} | {(double)operations / all:0.00} | {elapsed.TotalMilliseconds / all:0.00} | {rows} |"));
        }
    }

    private static async Task FailAsync(FailureLimiter limiter, string address, int times)
    {
        for (var number = 0; number < times; number++)
        {
            using var attempt = await limiter.TryEnterAsync(FailureKind.AccessCode, address, default);
            await attempt!.FailedAsync();
        }
    }

    private sealed class Counter : HttpPipelineSynchronousPolicy
    {
        public int Count { get; set; }

        public override void OnSendingRequest(HttpMessage message) => Count++;
    }

    private sealed class OneKey : ISecrets
    {
        private readonly KeyRing _keys = new([(ProtectionKey.New(), DateTimeOffset.MinValue)]);

        public ValueTask<KeyRing> ProtectionKeysAsync(CancellationToken cancellation) => new(_keys);

        public ValueTask<string> ClientSecretAsync(Registration registration, CancellationToken cancellation) =>
            throw new NotSupportedException();

        public Task<string?> RereadClientSecretAsync(Registration registration, string refused, CancellationToken cancellation) =>
            throw new NotSupportedException();

        public ValueTask<SigningKeyRing> SigningKeysAsync(CancellationToken cancellation) => new(SigningKeyRing.None);

        public Task<bool> RefreshAsync(CancellationToken cancellation) => throw new NotSupportedException();
    }
}
