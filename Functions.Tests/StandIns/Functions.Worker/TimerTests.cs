using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.StandIns.FunctionsWorker;

public sealed class TimerTests
{
    [Fact]
    public async Task A_timer_runs_on_its_schedule_and_its_failure_does_not_end_it()
    {
        var runs = new Runs { Fails = true };
        var time = new ManualTime();
        await using var host = await StartAsync(runs, time);
        await WaitingAsync(time);

        time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(0, runs.Started);
        time.Advance(TimeSpan.FromSeconds(1));
        await WaitingAsync(time, runs, 1);
        time.Advance(TimeSpan.FromMinutes(1));
        await WaitingAsync(time, runs, 2);
    }

    [Fact]
    public async Task A_run_that_outlasts_its_interval_never_meets_the_next()
    {
        var runs = new Runs { Held = new() };
        var time = new ManualTime();
        await using var host = await StartAsync(runs, time);
        await WaitingAsync(time);

        time.Advance(TimeSpan.FromMinutes(1));
        await Wait.UntilAsync(() => Task.FromResult(runs.Started == 1));
        time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(1, runs.Started);
        runs.Held.SetResult();
        await WaitingAsync(time, runs, 1);
        time.Advance(TimeSpan.FromMinutes(1));
        await Wait.UntilAsync(() => Task.FromResult(runs.Started == 2));
    }

    [Fact]
    public async Task A_timer_that_fires_a_little_early_runs_its_function_once()
    {
        var runs = new Runs();
        var time = new ManualTime { Earliness = TimeSpan.FromMilliseconds(0.5) };
        await using var host = await StartAsync(runs, time);
        await WaitingAsync(time);
        time.Advance(TimeSpan.FromSeconds(90));
        await WaitingAsync(time, runs, 1);
        time.Advance(TimeSpan.FromSeconds(60));
        await WaitingAsync(time, runs, 2);
    }

    [Fact]
    public async Task Stopping_the_host_cancels_the_run_and_waits_for_it()
    {
        var runs = new Runs { Held = new() };
        var time = new ManualTime();
        var host = await StartAsync(runs, time);
        await WaitingAsync(time);
        time.Advance(TimeSpan.FromMinutes(1));
        await Wait.UntilAsync(() => Task.FromResult(runs.Started == 1));

        await host.DisposeAsync();

        Assert.True(runs.Cancelled);
        time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(1, runs.Started);
    }

    [Fact]
    public async Task A_schedule_may_come_from_a_setting_and_must_be_NCRONTAB()
    {
        var missing = await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(new(), new(), schedule: null));
        Assert.Contains("TestSchedule", missing.Message, StringComparison.Ordinal);
        var wrong = await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(new(), new(), schedule: "every minute"));
        Assert.Contains("every minute", wrong.Message, StringComparison.Ordinal);
    }

    private static Task<FunctionHost> StartAsync(Runs runs, ManualTime time, string? schedule = "0 * * * * *") => FunctionHost.StartAsync(
        new() { ["TestSchedule"] = schedule, ["AzureWebJobs.Timer.Disabled"] = "false" },
        services => services.AddSingleton(runs).AddSingleton<TimeProvider>(time));

    private static Task WaitingAsync(ManualTime time, Runs? runs = null, int started = 0) =>
        Wait.UntilAsync(() => Task.FromResult(time.WaitingTimers == 1 && (runs?.Started ?? 0) == started));

    /// <summary>What the timer did.</summary>
    public sealed class Runs
    {
        public int Started { get; set; }

        public bool Cancelled { get; set; }

        public bool Fails { get; init; }

        public TaskCompletionSource? Held { get; init; }
    }

    public sealed class Functions(Runs runs)
    {
        [Function("Timer")]
        public async Task Run([TimerTrigger("%TestSchedule%")] TimerInfo timer, CancellationToken cancellation)
        {
            runs.Started++;
            if (runs.Fails)
                throw new InvalidOperationException("This run fails.");
            try
            {
                await (runs.Held?.Task.WaitAsync(cancellation) ?? Task.CompletedTask);
            }
            catch (OperationCanceledException)
            {
                runs.Cancelled = true;
                throw;
            }
        }
    }
}
