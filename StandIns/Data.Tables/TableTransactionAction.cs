namespace Azure.Data.Tables;

/// <summary>One change in a transaction.</summary>
/// <param name="actionType">What to do.</param>
/// <param name="entity">To which row; its own ETag does not count.</param>
/// <param name="etag">The version that must still be stored; any when default.</param>
public class TableTransactionAction(TableTransactionActionType actionType, ITableEntity entity, ETag etag = default)
{
    /// <summary>What to do.</summary>
    public TableTransactionActionType ActionType { get; } = actionType;

    /// <summary>To which row.</summary>
    public ITableEntity Entity { get; } = entity;

    /// <summary>The version that must still be stored; any when default.</summary>
    public ETag ETag { get; } = etag;
}

/// <summary>What one change in a transaction does. Only what the broker uses is here; the values are the real ones.</summary>
public enum TableTransactionActionType
{
    /// <summary>Removes the row; the whole transaction fails when there is none.</summary>
    Delete = 3,
}
