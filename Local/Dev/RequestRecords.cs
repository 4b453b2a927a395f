using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace TokenBroker.Local.Dev;

/// <summary>
/// What happens while a request is answered: the calls of HttpClient, as its activities tell, and the broker's log lines. They are told
/// apart by trace id; the broker knows nothing of this.
/// </summary>
internal sealed class RequestRecords : ILoggerProvider
{
    private readonly ConcurrentDictionary<ActivityTraceId, RequestRecord> _running = new();
    private readonly ActivityListener _listener;

    public RequestRecords()
    {
        _listener = new()
        {
            ShouldListenTo = source => source.Name == "System.Net.Http",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = call =>
            {
                if (_running.TryGetValue(call.TraceId, out var record))
                    record.Calls.Enqueue(CallOf(call));
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>Begins to record for the current trace.</summary>
    public RequestRecord Begin(ActivityTraceId trace) => _running[trace] = new();

    public void End(ActivityTraceId trace) => _running.TryRemove(trace, out _);

    public ILogger CreateLogger(string categoryName) => new BrokerLogger(this, categoryName);

    public void Dispose() => _listener.Dispose();

    private static OutgoingCall CallOf(Activity call)
    {
        var host = $"{call.GetTagItem("server.address")}:{call.GetTagItem("server.port")}";
        var result = call.GetTagItem("http.response.status_code") ?? call.GetTagItem("error.type") ?? "no answer";
        return new($"{call.GetTagItem("http.request.method")}", host, $"{result}", call.Duration);
    }

    private sealed class BrokerLogger(RequestRecords records, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) =>
            logLevel >= LogLevel.Information && category.StartsWith("TokenBroker.", StringComparison.Ordinal);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel) && Activity.Current is { } activity && records._running.TryGetValue(activity.TraceId, out var record))
                record.Notes.Enqueue(formatter(state, exception));
        }
    }
}

/// <summary>What has happened so far.</summary>
internal sealed class RequestRecord
{
    public ConcurrentQueue<OutgoingCall> Calls { get; } = new();

    public ConcurrentQueue<string> Notes { get; } = new();
}
