using Azure.Data.Tables;

namespace TokenBroker.Storage;

/// <summary>How sessions, code entries and failures stand in the tables.</summary>
internal static class TableRows
{
    private const string FailureColumn = "Failure_";

    /// <summary>Eight hexadecimal digits that order times by five-minute buckets.</summary>
    public static string TimeBucket(DateTimeOffset time) =>
        checked((uint)(time.ToUnixTimeSeconds() / (long)Session.Lifetime.TotalSeconds)).ToString("x8", CultureInfo.InvariantCulture);

    /// <summary>A time bucket, so that what has expired is one range, and a shard, so that no bucket is one partition.</summary>
    public static string SessionPartition(DateTimeOffset beganAt, string rowKey) => TimeBucket(beganAt) + rowKey[..2];

    /// <summary>One of 256 shards.</summary>
    public static string CodeEntryPartition(string rowKey) => rowKey[..2];

    /// <summary>A time bucket, so that what counts no more is one range, and a shard.</summary>
    public static string FailurePartition(string tag, DateTimeOffset time) => TimeBucket(time) + tag[..2];

    /// <summary>One row for a tag in each time bucket.</summary>
    public static string FailureRow(string tag, DateTimeOffset time) => tag + TimeBucket(time);

    /// <param name="session">The session.</param>
    /// <param name="change">Differs with every update, so that a writer recognises its own.</param>
    public static TableEntity From(Session session, string? change = null) =>
        new(SessionPartition(session.BeganAt, session.RowKey), session.RowKey)
        {
            [nameof(Session.ExpiresAt)] = session.ExpiresAt,
            [nameof(Session.App)] = session.App,
            [nameof(Session.Provider)] = session.Provider,
            [nameof(Session.ChosenProvider)] = session.ChosenProvider,
            [nameof(Session.Scopes)] = string.Join(' ', session.Scopes),
            [nameof(Session.CodeChallenge)] = session.CodeChallenge,
            [nameof(Session.DpopKey)] = session.DpopKey,
            [nameof(Session.SealedParameters)] = session.SealedParameters,
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
        Provider = row.GetString(nameof(Session.Provider)),
        ChosenProvider = row.GetString(nameof(Session.ChosenProvider)),
        Scopes = (row.GetString(nameof(Session.Scopes)) ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries),
        CodeChallenge = row.GetString(nameof(Session.CodeChallenge)),
        DpopKey = row.GetString(nameof(Session.DpopKey)),
        SealedParameters = row.GetString(nameof(Session.SealedParameters)),
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

    /// <summary>A column for each failure, so that instances add to a row without reading it first.</summary>
    public static TableEntity From(string tag, Failure failure) =>
        new(FailurePartition(tag, failure.At), FailureRow(tag, failure.At)) { [FailureColumn + failure.Id] = failure.At };

    /// <summary>A row of the table <c>failures</c>.</summary>
    public static IEnumerable<Failure> ToFailures(TableEntity row) =>
        from column in row.Keys
        where column.StartsWith(FailureColumn, StringComparison.Ordinal)
        select new Failure(column[FailureColumn.Length..], row.GetDateTimeOffset(column)!.Value);
}
