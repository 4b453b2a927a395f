namespace TokenBroker;

/// <summary>
/// The trace id of a request (W3C Trace Context): of the Functions host's trace where there is one. Error pages show its beginning, JSON
/// errors and log lines the whole of it, so that a screenshot leads to the log.
/// </summary>
internal static class RequestTrace
{
    /// <summary>The id, 32 hexadecimal digits; "none" outside of a request.</summary>
    public static string Id => Activity.Current?.TraceId.ToHexString() ?? "none";

    /// <summary>Begins the trace of a request, unless it has one.</summary>
    /// <param name="parent">The <c>traceparent</c> that the host gives; null or empty without.</param>
    /// <returns>To be disposed of at the request's end; null when there is a trace already.</returns>
    public static Activity? Begin(string? parent = null)
    {
        if (Activity.Current is not null)
            return null;
        var activity = new Activity("request").SetIdFormat(ActivityIdFormat.W3C);
        if (!string.IsNullOrEmpty(parent))
            activity.SetParentId(parent);
        return activity.Start();
    }
}
