using System.Globalization;

namespace TokenBroker.Sessions;

/// <summary>
/// Where a session is stored. The partition is a five-minute time bucket, so that what has expired is one range, and a shard, so
/// that no bucket is one partition.
/// </summary>
/// <param name="TimeBucket">The time bucket's number.</param>
/// <param name="Hash">SHA-256 of the session id.</param>
public readonly record struct SessionKey(uint TimeBucket, Digest Hash)
{
    private const int BucketLength = 8;

    /// <summary>Eight hexadecimal digits of time bucket, two of shard.</summary>
    public string PartitionKey => Text(TimeBucket) + Hash.Shard;

    /// <summary>The hash, in hexadecimal.</summary>
    public string RowKey => Hash.ToString();

    internal static SessionKey Of(DateTimeOffset createdAt, ReadOnlySpan<byte> hash) => new(BucketOf(createdAt), Digest.Of(hash));

    internal static SessionKey Parse(string partitionKey, string rowKey) =>
        new(uint.Parse(partitionKey.AsSpan(0, BucketLength), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture), Digest.Parse(rowKey));

    /// <summary>The first partition key that no session created at <paramref name="time"/> or earlier can have.</summary>
    internal static string AfterBucketOf(DateTimeOffset time) => Bucket(time + Session.Lifetime);

    /// <summary>Eight hexadecimal digits that order times by five-minute buckets.</summary>
    internal static string Bucket(DateTimeOffset time) => Text(BucketOf(time));

    private static uint BucketOf(DateTimeOffset time) => checked((uint)(time.ToUnixTimeSeconds() / (long)Session.Lifetime.TotalSeconds));

    private static string Text(uint bucket) => bucket.ToString("x8", CultureInfo.InvariantCulture);
}
