using Azure;
using Azure.Data.Tables;

namespace TokenBroker.Storage;

/// <summary>
/// Sessions, code entries and failed codes in three tables of Azure Table Storage. The client retries writes whose answers were lost, so
/// a conflict may be this request's own earlier success: the row tells.
/// </summary>
internal sealed class TableSessionStore(TableClient sessions, TableClient codes, TableClient failures) : ISessionStore
{
    public const string SessionsTable = "sessions";
    public const string CodesTable = "codes";
    public const string FailuresTable = "failures";

    /// <summary>How far another instance's clock may be ahead with its failures still being found.</summary>
    private static readonly TimeSpan MaxClockSkew = TimeSpan.FromMinutes(2);

    private readonly TableClient[] _all = [sessions, codes, failures];

    public Task PrepareAsync(CancellationToken cancellation) => Task.WhenAll(_all.Select(table => PrepareAsync(table, cancellation)));

    // A query tells a missing table from a missing row; a point read does not.
    public Task CheckAsync(CancellationToken cancellation) => Task.WhenAll(_all.Select(table => FirstPageAsync(table, cancellation)));

    public async Task AddAsync(Session session, CancellationToken cancellation)
    {
        try
        {
            await AddOrPrepareAsync(sessions, TableRows.From(session), cancellation);
        }
        catch (RequestFailedException exception) when (exception.Status == (int)HttpStatusCode.Conflict)
        {
            // 256 random bits do not repeat: the earlier try of this very request has stored the row.
        }
    }

    public async Task<Session?> FindAsync(SessionId id, CancellationToken cancellation)
    {
        var row = await FindRowAsync(TableRows.SessionPartition(id.BeganAt, id.RowKey), id.RowKey, cancellation);
        return row is null ? null : TableRows.ToSession(row);
    }

    public async Task<Session?> TryUpdateAsync(Session session, CancellationToken cancellation)
    {
        var change = Guid.NewGuid().ToString("N");
        var row = TableRows.From(session, change);
        try
        {
            var response = await sessions.UpdateEntityAsync(row, session.ETag, TableUpdateMode.Replace, cancellation);
            var etag = response.Headers.ETag ?? throw new InvalidOperationException("An update was answered without an ETag.");
            return session with { ETag = etag };
        }
        catch (RequestFailedException exception) when (exception.Status == (int)HttpStatusCode.NotFound)
        {
            return null;
        }
        catch (RequestFailedException exception) when (exception.Status == (int)HttpStatusCode.PreconditionFailed)
        {
            // Another change was first, or this request's own earlier try.
            var stored = await FindRowAsync(row.PartitionKey, row.RowKey, cancellation);
            return stored?.GetString("Change") == change ? TableRows.ToSession(stored!) : null;
        }
    }

    public async Task<bool> TryAddEntryAsync(CodeEntry entry, CancellationToken cancellation)
    {
        try
        {
            await AddOrPrepareAsync(codes, TableRows.From(entry), cancellation);
            return true;
        }
        catch (RequestFailedException exception) when (exception.Status == (int)HttpStatusCode.Conflict)
        {
            // Another entry has the code, or this request's own earlier try: every sealing is different.
            var stored = await FindEntryAsync(entry.RowKey, cancellation);
            return stored is not null && stored.SealedContent.Span.SequenceEqual(entry.SealedContent.Span);
        }
    }

    public async Task<CodeEntry?> FindEntryAsync(string rowKey, CancellationToken cancellation)
    {
        var partition = TableRows.CodeEntryPartition(rowKey);
        var found = await codes.GetEntityIfExistsAsync<TableEntity>(partition, rowKey, cancellationToken: cancellation);
        return found.HasValue ? TableRows.ToCodeEntry(found.Value!) : null;
    }

    public async Task<bool> TryRedeemAsync(CodeEntry entry, CancellationToken cancellation)
    {
        try
        {
            // Only 204 wins. If the answer is lost, the retry sees 404: then nobody gets the token, which is better than two who do.
            var partition = TableRows.CodeEntryPartition(entry.RowKey);
            var response = await codes.DeleteEntityAsync(partition, entry.RowKey, entry.ETag, cancellation);
            return response.Status == (int)HttpStatusCode.NoContent;
        }
        catch (RequestFailedException exception) when (exception.Status == (int)HttpStatusCode.PreconditionFailed)
        {
            return false;
        }
    }

    public async Task<IReadOnlyList<FailedCode>> AddFailureAsync(
        string addressTag, string app, FailedCode failure, CancellationToken cancellation)
    {
        await AddFailureAsync(TableRows.From(addressTag, app, failure), cancellation);
        var since = failure.At - FailedCode.Window;
        DateTimeOffset[] times = [since, failure.At, failure.At + MaxClockSkew];
        // A query for each partition: for an "or" of them the service would scan the table.
        var partitions = times.Select(time => TableRows.FailurePartition(addressTag, time)).Distinct();
        var recent = await Task.WhenAll(partitions.Select(partition => FailuresAsync(partition, since, cancellation)));
        return [.. recent.SelectMany(failures => failures)];
    }

    public async Task<int> CountFailuresAsync(string app, DateTimeOffset now, CancellationToken cancellation)
    {
        var since = now - FailedCode.Window;
        var filter = TableClient.CreateQueryFilter(
            $"PartitionKey ge {TableRows.TimeBucket(since)} and App eq {app} and FailedAt gt {since}");
        var count = 0;
        // A page may be empty and still continue.
        await foreach (var page in failures.QueryAsync<TableEntity>(filter, maxPerPage: 1000, select: ["RowKey"], cancellation).AsPages())
        {
            count += page.Values.Count;
            if (count >= FailedCode.AttackThreshold)
                break;
        }
        return count;
    }

    public Task<int> SweepAsync(DateTimeOffset now, int limit, CancellationToken cancellation) =>
        new TableSweep(sessions, codes, failures).RunAsync(now, limit, cancellation);

    private async Task AddFailureAsync(TableEntity row, CancellationToken cancellation)
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
        await foreach (var row in failures.QueryAsync<TableEntity>(
            filter, select: ["RowKey", "FailedAt"], cancellationToken: cancellation))
            found.Add(TableRows.ToFailedCode(row));
        return found;
    }

    /// <summary>Adds a row, and where somebody has removed the tables while the app was running, makes them again first.</summary>
    private async Task AddOrPrepareAsync(TableClient table, TableEntity row, CancellationToken cancellation)
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

    private async Task<TableEntity?> FindRowAsync(string partitionKey, string rowKey, CancellationToken cancellation)
    {
        var found = await sessions.GetEntityIfExistsAsync<TableEntity>(partitionKey, rowKey, cancellationToken: cancellation);
        return found.HasValue ? found.Value : null;
    }

    // Deployed, the tables are there already and the app has no right to create any: it must not try to.
    private static async Task PrepareAsync(TableClient table, CancellationToken cancellation)
    {
        try
        {
            await FirstPageAsync(table, cancellation);
        }
        catch (RequestFailedException exception) when (exception.Status == (int)HttpStatusCode.NotFound)
        {
            await table.CreateIfNotExistsAsync(cancellation);
        }
    }

    private static async Task FirstPageAsync(TableClient table, CancellationToken cancellation)
    {
        var query = table.QueryAsync<TableEntity>(
            "PartitionKey eq ''", maxPerPage: 1, select: ["RowKey"], cancellationToken: cancellation);
        await using var rows = query.GetAsyncEnumerator(cancellation);
        await rows.MoveNextAsync();
    }
}
