using System.Reflection;
using TokenBroker.SignIns;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.SignIns;

public sealed class PollPaceTests
{
    [Fact]
    public void A_flood_of_polls_is_not_remembered_poll_by_poll_and_slows_the_device_down_to_twenty_seconds()
    {
        var time = Clock.New();
        var pace = new PollPace(time);
        Assert.True(pace.TryPoll("device"));
        for (var poll = 0; poll < 1_000; poll++)
            Assert.False(pace.TryPoll("device"));
        var field = typeof(PollPace).GetField("_slowDowns", BindingFlags.Instance | BindingFlags.NonPublic)!;
        Assert.Equal(3, ((WindowCounter)field.GetValue(pace)!).Count("device"));
        time.Advance(TimeSpan.FromSeconds(18));
        Assert.False(pace.TryPoll("device"));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(pace.TryPoll("device"));
    }
}
