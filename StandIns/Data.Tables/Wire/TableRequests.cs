using System.Text;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Azure.Data.Tables.Wire;

/// <summary>Builds the service's requests and turns its refusals into <see cref="RequestFailedException"/>.</summary>
internal sealed class TableRequests(Uri endpoint, string table, HttpPipeline pipeline)
{
    private const string Json = "application/json;odata=minimalmetadata";
    private const string Version = "2020-12-06";

    public HttpMessage Create(RequestMethod method, string path, string? query = null, byte[]? body = null, string contentType = "application/json")
    {
        var message = pipeline.CreateMessage();
        var request = message.Request;
        request.Method = method;
        request.Uri.Reset(Address(path, query));
        request.Headers.Add("x-ms-version", Version);
        request.Headers.Add("DataServiceVersion", "3.0");
        request.Headers.Add("Accept", Json);
        if (body is not null)
        {
            request.Headers.Add("Content-Type", contentType);
            request.Content = RequestContent.Create(body);
        }
        return message;
    }

    public Uri Address(string path, string? query = null) =>
        new($"{endpoint.AbsoluteUri.TrimEnd('/')}/{path}{(query is null ? "" : "?" + query)}");

    /// <summary>The path of a row: quotes in keys doubled, then escaped.</summary>
    public string Row(string partitionKey, string rowKey) => $"{table}(PartitionKey='{Key(partitionKey)}',RowKey='{Key(rowKey)}')";

    /// <summary>Sends and returns the answer when its status is among those expected.</summary>
    /// <exception cref="RequestFailedException">Any other status.</exception>
    public async Task<Response> SendAsync(HttpMessage message, CancellationToken cancellation, params int[] expected)
    {
        await pipeline.SendAsync(message, cancellation);
        return expected.Contains(message.Response.Status) ? message.Response : throw new RequestFailedException(message.Response);
    }

    /// <summary>One change set of deletions, as multipart/mixed inside multipart/mixed.</summary>
    public HttpMessage CreateBatch(IEnumerable<TableTransactionAction> actions)
    {
        var batch = $"batch_{Guid.NewGuid()}";
        var changes = $"changeset_{Guid.NewGuid()}";
        var body = new StringBuilder()
            .Append("--").Append(batch).Append("\r\n")
            .Append("Content-Type: multipart/mixed; boundary=").Append(changes).Append("\r\n\r\n");
        foreach (var action in actions)
        {
            var match = action.ETag == default ? ETag.All : action.ETag;
            body.Append("--").Append(changes).Append("\r\n")
                .Append("Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n")
                .Append("DELETE ").Append(Address(Row(action.Entity.PartitionKey, action.Entity.RowKey)).AbsoluteUri).Append(" HTTP/1.1\r\n")
                .Append("Accept: ").Append(Json).Append("\r\n")
                .Append("If-Match: ").Append(match.ToString("H")).Append("\r\n\r\n\r\n");
        }
        body.Append("--").Append(changes).Append("--\r\n--").Append(batch).Append("--\r\n");
        return Create(RequestMethod.Post, "$batch", null, Encoding.UTF8.GetBytes(body.ToString()), $"multipart/mixed; boundary={batch}");
    }

    private static string Key(string key) => Uri.EscapeDataString(key.Replace("'", "''", StringComparison.Ordinal));
}
