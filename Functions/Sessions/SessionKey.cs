using System.Globalization;

namespace TokenBroker.Sessions;

/// <summary>
/// Where a session is stored. The partition is a five-minute time bucket, so that what has expired is one range, and a shard, so
/// that no bucket is one partition.
/// </summary>
/// <param name="PartitionKey">Eight hexadecimal digits of time bucket, two of shard.</param>
/// <param name="RowKey">SHA-256 of the session id, in hexadecimal.</param>
public sealed record SessionKey(string PartitionKey, string RowKey)
{
    internal static SessionKey Of(DateTimeOffset createdAt, ReadOnlySpan<byte> hash)
    {
        var row = Convert.ToHexStringLower(hash);
        return new(Bucket(createdAt) + row[..2], row);
    }

    /// <summary>The first partition key that no session created at <paramref name="time"/> or earlier can have.</summary>
    internal static string AfterBucketOf(DateTimeOffset time) => Bucket(time + Session.Lifetime);

    /// <summary>Eight hexadecimal digits that order times by five-minute buckets.</summary>
    internal static string Bucket(DateTimeOffset time) =>
        (time.ToUnixTimeSeconds() / (long)Session.Lifetime.TotalSeconds).ToString("x8", CultureInfo.InvariantCulture);
}
