using Azure;
using TokenBroker.Secrets;

namespace TokenBroker.Sessions;

/// <summary>Where a grant is stored; follows from its code and the protection key, and gives neither away.</summary>
/// <param name="Hash">HMAC-SHA256 of the code.</param>
public readonly record struct GrantKey(Digest Hash)
{
    /// <summary>The shard.</summary>
    public string PartitionKey => Hash.Shard;

    /// <summary>The hash, in hexadecimal.</summary>
    public string RowKey => Hash.ToString();

    internal static GrantKey Parse(string rowKey) => new(Digest.Parse(rowKey));
}

/// <summary>
/// What waits under a code, to be taken once: tokens under an access code or a device's secret, and under a user code the session that it
/// leads to.
/// </summary>
/// <param name="Key">Where it is stored.</param>
/// <param name="ProtectedContent">What opens with the protection key and the code together.</param>
/// <param name="ExpiresAt">When its session ends.</param>
/// <param name="ETag">The version read from the store.</param>
public sealed record Grant(GrantKey Key, ReadOnlyMemory<byte> ProtectedContent, DateTimeOffset ExpiresAt, ETag ETag = default)
{
    /// <summary>The largest <see cref="ProtectedContent"/>, in bytes: what one table column holds.</summary>
    public const int MaxContentLength = 64 * 1024;

    /// <summary>Seals a content for its code, whose <see cref="ProtectionKey.GrantKey"/> is <paramref name="place"/>.</summary>
    internal static Grant Seal(GrantKey place, ProtectionKey key, ReadOnlySpan<byte> code, ReadOnlySpan<byte> content, DateTimeOffset expiresAt) =>
        new(place, Protector.Protect(key.GrantContentKey(code), content, place.RowKey), expiresAt);

    /// <summary>Opens the content; null when it was not sealed with this key and code.</summary>
    internal T? Open<T>(ProtectionKey key, ReadOnlySpan<byte> code, Func<ReadOnlySpan<byte>, T?> read) where T : class =>
        Protector.Unprotect(key.GrantContentKey(code), ProtectedContent.Span, Key.RowKey, read);
}
