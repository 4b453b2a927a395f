namespace Azure.Data.Tables;

/// <summary>A row of a table. Its other public properties are the row's columns.</summary>
public interface ITableEntity
{
    /// <summary>Names the partition: what is stored and locked together.</summary>
    string PartitionKey { get; set; }

    /// <summary>Names the row in its partition.</summary>
    string RowKey { get; set; }

    /// <summary>When the service last wrote the row.</summary>
    DateTimeOffset? Timestamp { get; set; }

    /// <summary>The version of the row, as read.</summary>
    ETag ETag { get; set; }
}
