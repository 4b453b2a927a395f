using Microsoft.Extensions.Configuration;
using NCrontab;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>A function on a schedule.</summary>
internal sealed class TimerFunction
{
    public TimerFunction(Function function, IConfiguration configuration)
    {
        function.Bind(typeof(TimerInfo), typeof(FunctionContext), typeof(CancellationToken));
        Function = function;
        var schedule = function.Trigger<TimerTriggerAttribute>()!.Schedule;
        if (schedule.Length > 2 && schedule[0] == '%' && schedule[^1] == '%')
        {
            schedule = configuration[schedule[1..^1]]
                ?? throw new InvalidOperationException($"Function '{function.Name}' takes its schedule from the setting {schedule}, which is missing.");
        }
        Schedule = CrontabSchedule.TryParse(schedule, new() { IncludingSeconds = schedule.Split(' ').Length == 6 })
            ?? throw new InvalidOperationException($"Function '{function.Name}' has a schedule that is not NCRONTAB: '{schedule}'.");
    }

    public Function Function { get; }

    public CrontabSchedule Schedule { get; }
}
