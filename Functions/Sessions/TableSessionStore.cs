using System.Net;
using Azure;
using Azure.Data.Tables;
using TokenBroker.Limits;

namespace TokenBroker.Sessions;

/// <summary>
/// Sessions and grants in two tables of Azure Table Storage. The client retries writes whose answers were lost, so a conflict may be
/// this request's own earlier success: each is looked at before it is believed.
/// </summary>
internal sealed class TableSessionStore(TableClient sessions, TableClient grants, TableClient failures) : ISessionStore
{
    public const string SessionsTable = "sessions";
    public const string GrantsTable = "grants";
    public const string FailuresTable = "failures";

    /// <summary>How far another instance's clock may be ahead with its failures still being found.</summary>
    private static readonly TimeSpan MaxClockSkew = TimeSpan.FromMinutes(2);

    public Task PrepareAsync(CancellationToken cancellation) => Task.WhenAll(
        PrepareAsync<SessionRow>(sessions, cancellation), PrepareAsync<GrantRow>(grants, cancellation), PrepareAsync<FailureRow>(failures, cancellation));

    // A query tells a missing table from a missing row; a point read does not.
    public Task CheckAsync(CancellationToken cancellation) => Task.WhenAll(
        FirstPageAsync<SessionRow>(sessions, cancellation), FirstPageAsync<GrantRow>(grants, cancellation), FirstPageAsync<FailureRow>(failures, cancellation));

    public async Task AddAsync(Session session, CancellationToken cancellation)
    {
        try
        {
            await AddOrPrepareAsync(sessions, SessionRow.From(session), cancellation);
        }
        catch (RequestFailedException exception) when (exception.Status == (int)HttpStatusCode.Conflict)
        {
            // 256 random bits do not repeat: the earlier try of this very request has stored the row.
        }
    }

    public async Task<Session?> FindAsync(SessionKey key, CancellationToken cancellation) => (await FindRowAsync(key, cancellation))?.ToSession();

    public async Task<Session?> TryUpdateAsync(Session session, CancellationToken cancellation)
    {
        var row = SessionRow.From(session);
        row.Change = Guid.NewGuid().ToString("N");
        try
        {
            var response = await sessions.UpdateEntityAsync(row, session.ETag, TableUpdateMode.Replace, cancellation);
            return session with { ETag = response.Headers.ETag ?? throw new InvalidOperationException("An update was answered without an ETag.") };
        }
        catch (RequestFailedException exception) when (exception.Status == (int)HttpStatusCode.NotFound)
        {
            return null;
        }
        catch (RequestFailedException exception) when (exception.Status == (int)HttpStatusCode.PreconditionFailed)
        {
            // Another was first, or the earlier try of this very request: its mark tells.
            return await FindRowAsync(session.Key, cancellation) is { } stored && stored.Change == row.Change ? stored.ToSession() : null;
        }
    }

    public async Task<bool> TryAddAsync(Grant grant, CancellationToken cancellation)
    {
        try
        {
            await AddOrPrepareAsync(grants, GrantRow.From(grant), cancellation);
            return true;
        }
        catch (RequestFailedException exception) when (exception.Status == (int)HttpStatusCode.Conflict)
        {
            return await FindAsync(grant.Key, cancellation) is { } stored && Same(stored.ProtectedContent, grant.ProtectedContent);
        }
    }

    public async Task<Grant?> FindAsync(GrantKey key, CancellationToken cancellation)
    {
        var found = await grants.GetEntityIfExistsAsync<GrantRow>(key.PartitionKey, key.RowKey, cancellationToken: cancellation);
        return found.HasValue ? found.Value!.ToGrant() : null;
    }

    public async Task<bool> TryTakeAsync(Grant grant, CancellationToken cancellation)
    {
        try
        {
            // Only 204 wins. A lost answer makes the retry see 404: then nobody gets the token, which beats two who do.
            var response = await grants.DeleteEntityAsync(grant.Key.PartitionKey, grant.Key.RowKey, grant.ETag, cancellation);
            return response.Status == (int)HttpStatusCode.NoContent;
        }
        catch (RequestFailedException exception) when (exception.Status == (int)HttpStatusCode.PreconditionFailed)
        {
            return false;
        }
    }

    public async Task<IReadOnlyList<FailedCode>> AddFailureAsync(string addressTag, string app, FailedCode failure, CancellationToken cancellation)
    {
        await AddFailureAsync(FailureRow.Of(addressTag, app, failure), cancellation);
        var since = failure.At - FailureLimiter.Window;
        DateTimeOffset[] times = [since, failure.At, failure.At + MaxClockSkew];
        // A query for each partition: the service would scan the table for an "or" of them.
        var partitions = times.Select(time => FailureRow.Partition(addressTag, time)).Distinct();
        var recent = await Task.WhenAll(partitions.Select(partition => FailuresAsync(partition, since, cancellation)));
        return [.. recent.SelectMany(failures => failures)];
    }

    public async Task<int> CountFailuresAsync(string app, DateTimeOffset now, CancellationToken cancellation)
    {
        var since = now - FailureLimiter.Window;
        var filter = TableClient.CreateQueryFilter($"PartitionKey ge {SessionKey.Bucket(since)} and App eq {app} and FailedAt gt {since}");
        var count = 0;
        // A page may be empty and still continue.
        await foreach (var page in failures.QueryAsync<FailureRow>(filter, maxPerPage: 1000, select: ["RowKey"], cancellation).AsPages())
        {
            count += page.Values.Count;
            if (count >= FailureLimiter.AttackThreshold)
                break;
        }
        return count;
    }

    public Task<int> SweepAsync(DateTimeOffset now, int limit, CancellationToken cancellation) =>
        new TableSweep(sessions, grants, failures).RunAsync(now, limit, cancellation);

    private async Task AddFailureAsync(FailureRow row, CancellationToken cancellation)
    {
        try
        {
            await AddOrPrepareAsync(failures, row, cancellation);
        }
        catch (RequestFailedException exception) when (exception.Status == (int)HttpStatusCode.Conflict)
        {
            // The earlier try of this very request.
        }
    }

    private async Task<List<FailedCode>> FailuresAsync(string partition, DateTimeOffset since, CancellationToken cancellation)
    {
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {partition} and FailedAt gt {since}");
        var found = new List<FailedCode>();
        await foreach (var row in failures.QueryAsync<FailureRow>(filter, select: ["RowKey", "FailedAt"], cancellationToken: cancellation))
            found.Add(row.ToFailure());
        return found;
    }

    /// <summary>Adds a row, and where somebody has removed the tables while the app was running, makes them again first.</summary>
    private async Task AddOrPrepareAsync<T>(TableClient table, T row, CancellationToken cancellation) where T : ITableEntity
    {
        try
        {
            await table.AddEntityAsync(row, cancellation);
        }
        catch (RequestFailedException exception) when (exception.Status == (int)HttpStatusCode.NotFound)
        {
            await PrepareAsync(cancellation);
            await table.AddEntityAsync(row, cancellation);
        }
    }

    private async Task<SessionRow?> FindRowAsync(SessionKey key, CancellationToken cancellation)
    {
        var found = await sessions.GetEntityIfExistsAsync<SessionRow>(key.PartitionKey, key.RowKey, cancellationToken: cancellation);
        return found.HasValue ? found.Value : null;
    }

    private static bool Same(ReadOnlyMemory<byte> stored, ReadOnlyMemory<byte> written) => stored.Span.SequenceEqual(written.Span);

    // Deployed, the tables are there already and the app has no right to create any: it must not try to.
    private static async Task PrepareAsync<T>(TableClient table, CancellationToken cancellation) where T : class, ITableEntity
    {
        try
        {
            await FirstPageAsync<T>(table, cancellation);
        }
        catch (RequestFailedException exception) when (exception.Status == (int)HttpStatusCode.NotFound)
        {
            await table.CreateIfNotExistsAsync(cancellation);
        }
    }

    private static async Task FirstPageAsync<T>(TableClient table, CancellationToken cancellation) where T : class, ITableEntity
    {
        var query = table.QueryAsync<T>("PartitionKey eq ''", maxPerPage: 1, select: ["RowKey"], cancellationToken: cancellation);
        await using var rows = query.GetAsyncEnumerator(cancellation);
        await rows.MoveNextAsync();
    }
}
