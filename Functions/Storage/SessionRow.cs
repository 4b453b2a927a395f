using System.Globalization;
using Azure;
using Azure.Data.Tables;

namespace TokenBroker.Storage;

/// <summary>
/// A session in the table <c>sessions</c>. The partition is a five-minute time bucket, so that what has expired is one range, and a shard,
/// so that no bucket is one partition.
/// </summary>
internal sealed class SessionRow : ITableEntity
{
    public string PartitionKey { get; set; } = "";
    public string RowKey { get; set; } = "";
    public DateTimeOffset? Timestamp { get; set; }
    public ETag ETag { get; set; }

    public DateTimeOffset ExpiresAt { get; set; }
    public string App { get; set; } = "";
    public string Scopes { get; set; } = "";
    public string? CodeChallenge { get; set; }
    public string Status { get; set; } = "";
    public DateTimeOffset? ClaimedAt { get; set; }
    public string? CodeEntry { get; set; }
    public string? UserCodeEntry { get; set; }
    public string? DecidedBy { get; set; }

    /// <summary>Differs with every update, so that a writer recognises its own.</summary>
    public string? Change { get; set; }

    public static string PartitionOf(DateTimeOffset beganAt, string rowKey) => TimeBucket(beganAt) + rowKey[..2];

    /// <summary>Eight hexadecimal digits that order times by five-minute buckets.</summary>
    public static string TimeBucket(DateTimeOffset time) =>
        checked((uint)(time.ToUnixTimeSeconds() / (long)Session.Lifetime.TotalSeconds)).ToString("x8", CultureInfo.InvariantCulture);

    public static SessionRow From(Session session) => new()
    {
        PartitionKey = PartitionOf(session.BeganAt, session.RowKey),
        RowKey = session.RowKey,
        ExpiresAt = session.ExpiresAt,
        App = session.App,
        Scopes = string.Join(' ', session.Scopes),
        CodeChallenge = session.CodeChallenge,
        Status = session.Status.ToString(),
        ClaimedAt = session.ClaimedAt,
        CodeEntry = session.CodeEntry,
        UserCodeEntry = session.UserCodeEntry,
        DecidedBy = session.DecidedBy,
    };

    public Session ToSession() => new()
    {
        RowKey = RowKey,
        ExpiresAt = ExpiresAt,
        App = App,
        Scopes = Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        CodeChallenge = CodeChallenge,
        Status = Enum.Parse<SessionStatus>(Status),
        ClaimedAt = ClaimedAt,
        CodeEntry = CodeEntry,
        UserCodeEntry = UserCodeEntry,
        DecidedBy = DecidedBy,
        ETag = ETag,
    };
}
