using Azure;
using Azure.Data.Tables;
using TokenBroker.Limits;

namespace TokenBroker.Sessions;

/// <summary>A session in the table <c>sessions</c>.</summary>
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
    public string? Grant { get; set; }
    public string? UserCode { get; set; }
    public string? AcceptedBy { get; set; }
    public int Draw { get; set; }

    /// <summary>Differs with every update, so that a writer knows its own again.</summary>
    public string? Change { get; set; }

    public static SessionRow From(Session session) => new()
    {
        PartitionKey = session.Key.PartitionKey,
        RowKey = session.Key.RowKey,
        ExpiresAt = session.ExpiresAt,
        App = session.App,
        Scopes = string.Join(' ', session.Scopes),
        CodeChallenge = session.CodeChallenge,
        Status = session.Status.ToString(),
        ClaimedAt = session.ClaimedAt,
        Grant = session.Grant?.RowKey,
        UserCode = session.UserCode?.RowKey,
        AcceptedBy = session.AcceptedBy,
        Draw = session.Draw,
    };

    public Session ToSession() => new()
    {
        Key = SessionKey.Parse(PartitionKey, RowKey),
        ExpiresAt = ExpiresAt,
        App = App,
        Scopes = Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        CodeChallenge = CodeChallenge,
        Status = Enum.Parse<SessionStatus>(Status),
        ClaimedAt = ClaimedAt,
        Grant = Grant is null ? null : GrantKey.Parse(Grant),
        UserCode = UserCode is null ? null : GrantKey.Parse(UserCode),
        AcceptedBy = AcceptedBy,
        Draw = Draw,
        ETag = ETag,
    };
}

/// <summary>A grant in the table <c>grants</c>.</summary>
internal sealed class GrantRow : ITableEntity
{
    public string PartitionKey { get; set; } = "";
    public string RowKey { get; set; } = "";
    public DateTimeOffset? Timestamp { get; set; }
    public ETag ETag { get; set; }

    public DateTimeOffset ExpiresAt { get; set; }
    public byte[] Content { get; set; } = [];

    public static GrantRow From(Grant grant) => new()
    {
        PartitionKey = grant.Key.PartitionKey,
        RowKey = grant.Key.RowKey,
        ExpiresAt = grant.ExpiresAt,
        Content = grant.ProtectedContent.ToArray(),
    };

    public Grant ToGrant() => new(GrantKey.Parse(RowKey), Content, ExpiresAt, ETag);
}

/// <summary>A failed code in the table <c>failures</c>: its partition is the time bucket and what stands for the client's address.</summary>
internal sealed class FailureRow : ITableEntity
{
    public string PartitionKey { get; set; } = "";
    public string RowKey { get; set; } = "";
    public DateTimeOffset? Timestamp { get; set; }
    public ETag ETag { get; set; }

    public string App { get; set; } = "";
    public DateTimeOffset FailedAt { get; set; }

    public static FailureRow Of(string addressTag, string app, FailedCode failure) => new()
    {
        PartitionKey = Partition(addressTag, failure.At),
        RowKey = failure.Id,
        App = app,
        FailedAt = failure.At,
    };

    public FailedCode ToFailure() => new(RowKey, FailedAt);

    public static string Partition(string addressTag, DateTimeOffset time) => SessionKey.Bucket(time) + addressTag;
}
