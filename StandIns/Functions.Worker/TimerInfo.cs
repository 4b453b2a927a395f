namespace Microsoft.Azure.Functions.Worker;

/// <summary>What a timer function is told about its run.</summary>
public class TimerInfo
{
    /// <summary>Whether the run is later than its schedule asked.</summary>
    public bool IsPastDue { get; set; }
}
