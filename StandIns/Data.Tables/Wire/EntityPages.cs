using System.Text.Json;
using Azure.Core;

namespace Azure.Data.Tables.Wire;

/// <summary>The pages of a query, fetched as they are asked for. A page may be empty and still continue.</summary>
internal sealed class EntityPages<T>(TableRequests requests, string table, string query, CancellationToken cancellation) : AsyncPageable<T>(cancellation)
    where T : class, ITableEntity
{
    public override async IAsyncEnumerable<Page<T>> AsPages(string? continuationToken = null, int? pageSizeHint = null)
    {
        do
        {
            using var message = requests.Create(RequestMethod.Get, table + "()", query + Next(continuationToken));
            var response = await requests.SendAsync(message, CancellationToken, 200);
            using var json = JsonDocument.Parse(response.Content);
            List<T> rows = [.. json.RootElement.GetProperty("value").EnumerateArray().Select(EntityJson.Read<T>)];
            continuationToken = Continuation(response);
            yield return Page<T>.FromValues(rows, continuationToken, response);
        }
        while (continuationToken is not null);
    }

    private static string? Continuation(Response response) =>
        response.Headers.TryGetValue("x-ms-continuation-NextPartitionKey", out var partition)
            ? $"{partition} {(response.Headers.TryGetValue("x-ms-continuation-NextRowKey", out var row) ? row : "")}"
            : null;

    private static string Next(string? continuationToken)
    {
        if (continuationToken is null)
            return "";
        var parts = continuationToken.Split(' ', 2);
        var row = parts[1].Length == 0 ? "" : $"&NextRowKey={Uri.EscapeDataString(parts[1])}";
        return $"&NextPartitionKey={Uri.EscapeDataString(parts[0])}{row}";
    }
}
