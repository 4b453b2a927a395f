using Azure;
using Azure.Data.Tables;

namespace TokenBroker.Storage;

/// <summary>
/// A failed code in the table <c>failures</c>. The partition is the time bucket and what stands for the client's address.
/// </summary>
internal sealed class FailureRow : ITableEntity
{
    public string PartitionKey { get; set; } = "";
    public string RowKey { get; set; } = "";
    public DateTimeOffset? Timestamp { get; set; }
    public ETag ETag { get; set; }

    public string App { get; set; } = "";
    public DateTimeOffset FailedAt { get; set; }

    public static string PartitionOf(string addressTag, DateTimeOffset time) => SessionRow.TimeBucket(time) + addressTag;

    public static FailureRow From(string addressTag, string app, FailedCode failure) => new()
    {
        PartitionKey = PartitionOf(addressTag, failure.At),
        RowKey = failure.Id,
        App = app,
        FailedAt = failure.At,
    };

    public FailedCode ToFailedCode() => new(RowKey, FailedAt);
}
