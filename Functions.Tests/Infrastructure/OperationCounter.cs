using System.Collections.Concurrent;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;

namespace TokenBroker.Tests.Infrastructure;

/// <summary>Counts what reaches the table service, on the wire.</summary>
internal sealed class OperationCounter : HttpPipelineSynchronousPolicy
{
    private readonly ConcurrentQueue<string> _operations = new();

    /// <summary>Method and path of each request since the last reset.</summary>
    public IReadOnlyList<string> Operations => [.. _operations];

    public void Reset() => _operations.Clear();

    public TableClientOptions Options()
    {
        var options = new TableClientOptions();
        options.AddPolicy(this, HttpPipelinePosition.PerRetry);
        return options;
    }

    public override void OnSendingRequest(HttpMessage message) =>
        _operations.Enqueue($"{message.Request.Method} {message.Request.Uri.Path}");
}
