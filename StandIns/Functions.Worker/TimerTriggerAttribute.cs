namespace Microsoft.Azure.Functions.Worker;

/// <summary>Marks the parameter of a function that runs on a schedule.</summary>
/// <param name="schedule">A six-field NCRONTAB expression (seconds first), or <c>%Setting%</c> that holds one.</param>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class TimerTriggerAttribute(string schedule) : Attribute
{
    /// <summary>The NCRONTAB expression or the <c>%Setting%</c> that holds it.</summary>
    public string Schedule { get; } = schedule;
}
