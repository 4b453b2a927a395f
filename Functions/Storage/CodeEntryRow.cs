using Azure;
using Azure.Data.Tables;

namespace TokenBroker.Storage;

/// <summary>A code entry in the table <c>codes</c>, which is spread over 256 partitions by the row key's first two digits.</summary>
internal sealed class CodeEntryRow : ITableEntity
{
    public string PartitionKey { get; set; } = "";
    public string RowKey { get; set; } = "";
    public DateTimeOffset? Timestamp { get; set; }
    public ETag ETag { get; set; }

    public DateTimeOffset ExpiresAt { get; set; }
    public byte[] Content { get; set; } = [];

    public static string PartitionOf(string rowKey) => rowKey[..2];

    public static CodeEntryRow From(CodeEntry entry) => new()
    {
        PartitionKey = PartitionOf(entry.RowKey),
        RowKey = entry.RowKey,
        ExpiresAt = entry.ExpiresAt,
        Content = entry.SealedContent.ToArray(),
    };

    public CodeEntry ToCodeEntry() => new(RowKey, Content, ExpiresAt, ETag);
}
