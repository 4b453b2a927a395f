using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using TokenBroker.Storage;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Storage;

public sealed class SweeperTests
{
    [Fact]
    public async Task The_timer_waits_for_a_sweep_in_the_background_and_then_sweeps()
    {
        var store = new OccupiedStore();
        await using var broker = await Broker.StartAsync(store);
        var sweep = broker.Sweeper.SweepAsync(100, default);
        for (var tries = 0; tries < 3; tries++)
            await AdvanceAsync(broker.Time, store);
        store.IsOccupied = false;
        while (!sweep.IsCompleted)
            await AdvanceAsync(broker.Time, store);
        Assert.Equal(0, await sweep);
        Assert.True(store.Tries >= 4);
    }

    [Fact]
    public async Task A_timer_that_waits_in_vain_says_so_and_ends()
    {
        var store = new OccupiedStore();
        await using var broker = await Broker.StartAsync(store);
        var sweep = broker.Sweeper.SweepAsync(100, default);
        while (!sweep.IsCompleted)
            await AdvanceAsync(broker.Time, store);
        Assert.Equal(0, await sweep);
        Assert.Contains(broker.Log.GetSnapshot(), record => record.Level == LogLevel.Warning &&
            record.Message.StartsWith("Another sweep has been at work", StringComparison.Ordinal));
    }

    private static async Task AdvanceAsync(FakeTimeProvider time, OccupiedStore store)
    {
        time.Advance(TimeSpan.FromSeconds(1));
        await Task.Yield();
        Assert.True(store.Tries < 1000);
    }

    private sealed class OccupiedStore() : StoreDecorator(new MemorySessionStore())
    {
        public bool IsOccupied { get; set; } = true;

        public int Tries { get; private set; }

        public override Task<int?> SweepAsync(DateTimeOffset now, int limit, CancellationToken cancellation)
        {
            Tries++;
            return IsOccupied ? Task.FromResult<int?>(null) : base.SweepAsync(now, limit, cancellation);
        }
    }
}
