using TokenBroker.SignIns;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.SignIns;

public sealed class WindowCounterTests
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    [Fact]
    public void An_event_counts_for_its_key_until_the_window_has_passed()
    {
        var time = Clock.New();
        var counter = new WindowCounter(Window, time);
        counter.Add("one");
        time.Advance(Window - TimeSpan.FromSeconds(1));
        counter.Add("one");
        Assert.Equal((2, 0), (counter.Count("one"), counter.Count("other")));
        Assert.Equal(time.GetUtcNow(), counter.Last("one"));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, counter.Count("one"));
        counter.Clear("one");
        Assert.Null(counter.Last("one"));
    }

    [Fact]
    public void An_event_with_an_id_counts_once()
    {
        var time = Clock.New();
        var counter = new WindowCounter(Window, time);
        counter.Add("one", "id", time.GetUtcNow());
        counter.Add("one", "id", time.GetUtcNow());
        counter.Add("one", "another", time.GetUtcNow());
        Assert.Equal(2, counter.Count("one"));
    }

    [Fact]
    public void The_wait_ends_when_enough_events_have_left_the_window()
    {
        var time = Clock.New();
        var counter = new WindowCounter(Window, time);
        for (var minute = 0; minute < 3; minute++)
        {
            counter.Add("one");
            time.Advance(TimeSpan.FromMinutes(1));
        }
        Assert.Null(counter.WaitUntilBelow(4, "one"));
        Assert.Equal(TimeSpan.FromMinutes(2), counter.WaitUntilBelow(3, "one"));
        Assert.Equal(TimeSpan.FromMinutes(4), counter.WaitUntilBelow(1, "one"));
    }

    [Fact]
    public void Keys_without_recent_events_are_forgotten()
    {
        var time = Clock.New();
        var counter = new WindowCounter(Window, time);
        for (var key = 0; key < 1000; key++)
            counter.Add($"key {key}");
        Assert.Equal(1000, counter.KeyCount);
        time.Advance(Window);
        counter.Add("new");
        Assert.Equal(1, counter.KeyCount);
    }
}
