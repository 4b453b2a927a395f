using Azure.Data.Tables;

namespace TokenBroker.Storage;

/// <summary>How sessions, code entries and failed codes stand in the tables.</summary>
internal static class TableRows
{
    /// <summary>Eight hexadecimal digits that order times by five-minute buckets.</summary>
    public static string TimeBucket(DateTimeOffset time) =>
        checked((uint)(time.ToUnixTimeSeconds() / (long)Session.Lifetime.TotalSeconds)).ToString("x8", CultureInfo.InvariantCulture);

    /// <summary>A time bucket, so that what has expired is one range, and a shard, so that no bucket is one partition.</summary>
    public static string SessionPartition(DateTimeOffset beganAt, string rowKey) => TimeBucket(beganAt) + rowKey[..2];

    /// <summary>One of 256 shards.</summary>
    public static string CodeEntryPartition(string rowKey) => rowKey[..2];

    /// <summary>The time bucket, and what stands for the client's address.</summary>
    public static string FailurePartition(string addressTag, DateTimeOffset time) => TimeBucket(time) + addressTag;

    /// <param name="session">The session.</param>
    /// <param name="change">Differs with every update, so that a writer recognises its own.</param>
    public static TableEntity From(Session session, string? change = null) =>
        new(SessionPartition(session.BeganAt, session.RowKey), session.RowKey)
        {
            [nameof(Session.ExpiresAt)] = session.ExpiresAt,
            [nameof(Session.App)] = session.App,
            [nameof(Session.Scopes)] = string.Join(' ', session.Scopes),
            [nameof(Session.CodeChallenge)] = session.CodeChallenge,
            [nameof(Session.Status)] = session.Status.ToString(),
            [nameof(Session.ClaimedAt)] = session.ClaimedAt,
            [nameof(Session.CodeEntryKey)] = session.CodeEntryKey,
            [nameof(Session.UserCodeEntryKey)] = session.UserCodeEntryKey,
            [nameof(Session.DecidedBy)] = session.DecidedBy,
            ["Change"] = change,
        };

    /// <summary>A row of the table <c>sessions</c>; a column that was not selected is empty.</summary>
    public static Session ToSession(TableEntity row) => new()
    {
        RowKey = row.RowKey,
        ExpiresAt = row.GetDateTimeOffset(nameof(Session.ExpiresAt))!.Value,
        App = row.GetString(nameof(Session.App)) ?? "",
        Scopes = (row.GetString(nameof(Session.Scopes)) ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries),
        CodeChallenge = row.GetString(nameof(Session.CodeChallenge)),
        // Another version of the app may have written a status that this one does not know; its row must not stop a sweep.
        Status = Enum.TryParse<SessionStatus>(row.GetString(nameof(Session.Status)), out var status) ? status : SessionStatus.Failed,
        ClaimedAt = row.GetDateTimeOffset(nameof(Session.ClaimedAt)),
        CodeEntryKey = row.GetString(nameof(Session.CodeEntryKey)),
        UserCodeEntryKey = row.GetString(nameof(Session.UserCodeEntryKey)),
        DecidedBy = row.GetString(nameof(Session.DecidedBy)),
        ETag = row.ETag,
    };

    public static TableEntity From(CodeEntry entry) => new(CodeEntryPartition(entry.RowKey), entry.RowKey)
    {
        [nameof(CodeEntry.ExpiresAt)] = entry.ExpiresAt,
        [nameof(CodeEntry.SealedContent)] = entry.SealedContent.ToArray(),
    };

    /// <summary>A row of the table <c>codes</c>.</summary>
    public static CodeEntry ToCodeEntry(TableEntity row) => new(
        row.RowKey, row.GetBinary(nameof(CodeEntry.SealedContent)), row.GetDateTimeOffset(nameof(CodeEntry.ExpiresAt))!.Value, row.ETag);

    public static TableEntity From(string addressTag, string app, FailedCode failure) =>
        new(FailurePartition(addressTag, failure.At), failure.Id) { ["App"] = app, ["FailedAt"] = failure.At };

    /// <summary>A row of the table <c>failures</c>.</summary>
    public static FailedCode ToFailedCode(TableEntity row) => new(row.RowKey, row.GetDateTimeOffset("FailedAt")!.Value);
}
