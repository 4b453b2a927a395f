namespace Azure.Data.Tables;

/// <summary>What an update does to columns that the new entity lacks.</summary>
public enum TableUpdateMode
{
    /// <summary>Keeps them.</summary>
    Merge,

    /// <summary>Drops them.</summary>
    Replace,
}
