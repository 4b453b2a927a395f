using Azure;

namespace TokenBroker.Sessions;

/// <summary>Where a grant is stored; follows from the access code and the protection key, and gives neither away.</summary>
/// <param name="RowKey">HMAC-SHA256 of the access code, in hexadecimal.</param>
public sealed record GrantKey(string RowKey)
{
    /// <summary>The shard: the first two digits of <see cref="RowKey"/>.</summary>
    public string PartitionKey => RowKey[..2];
}

/// <summary>The tokens that wait under an access code, redeemable once.</summary>
/// <param name="Key">Where it is stored.</param>
/// <param name="ProtectedContent">A <see cref="GrantContent"/> that opens with the protection key and the code together.</param>
/// <param name="ExpiresAt">When its session ends.</param>
/// <param name="ETag">The version read from the store.</param>
public sealed record Grant(GrantKey Key, ReadOnlyMemory<byte> ProtectedContent, DateTimeOffset ExpiresAt, ETag ETag = default)
{
    /// <summary>The largest <see cref="ProtectedContent"/>, in bytes: what one table column holds.</summary>
    public const int MaxContentLength = 64 * 1024;
}
