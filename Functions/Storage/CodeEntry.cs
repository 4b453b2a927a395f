using Azure;

namespace TokenBroker.Storage;

/// <summary>
/// What a code leads to, redeemable once: tokens under an access code or a device's secret, and under a user code the session of a
/// device.
/// </summary>
/// <param name="RowKey">Where it is stored, in 64 hexadecimal digits; it follows from the code and the protection key.</param>
/// <param name="SealedContent">What opens with the protection key and the code together.</param>
/// <param name="ExpiresAt">When its session ends.</param>
/// <param name="ETag">The version read from the store.</param>
public sealed record CodeEntry(string RowKey, ReadOnlyMemory<byte> SealedContent, DateTimeOffset ExpiresAt, ETag ETag = default)
{
    /// <summary>The largest <see cref="SealedContent"/>, in bytes: what one table column holds.</summary>
    public const int MaxContentLength = 64 * 1024;
}
