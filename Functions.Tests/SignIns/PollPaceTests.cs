using TokenBroker.SignIns;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.SignIns;

public sealed class PollPaceTests
{
    [Fact]
    public void A_flood_of_polls_takes_no_memory_and_slows_the_device_down_to_twenty_seconds()
    {
        var time = Clock.New();
        var pace = new PollPace(time);
        Assert.True(pace.TryPoll("device"));
        for (var poll = 0; poll < 10; poll++)
            Assert.False(pace.TryPoll("device"));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var poll = 0; poll < 10_000; poll++)
            Assert.False(pace.TryPoll("device"));
        // An event for each would take more than 200,000 bytes.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 50_000);
        time.Advance(TimeSpan.FromSeconds(18));
        Assert.False(pace.TryPoll("device"));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(pace.TryPoll("device"));
    }
}
