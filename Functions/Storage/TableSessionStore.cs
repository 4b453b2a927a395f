using Azure;
using Azure.Data.Tables;

namespace TokenBroker.Storage;

/// <summary>
/// Sessions, code entries and failures in three tables of Azure Table Storage. The client retries writes whose answers were lost, so
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

    public async Task<IReadOnlyList<Failure>> AddFailureAsync(string tag, Failure failure, CancellationToken cancellation)
    {
        var row = TableRows.From(tag, failure);
        try
        {
            await WriteOrPrepareAsync(() => failures.UpsertEntityAsync(row, TableUpdateMode.Merge, cancellation), cancellation);
        }
        catch (RequestFailedException exception) when (exception.ErrorCode == "TooManyProperties")
        {
            // A row has at most 252 columns: so many instances have counted already that the others need not hear of this one.
        }
        var since = failure.At - Failure.Window;
        DateTimeOffset[] times = [since, failure.At, failure.At + MaxClockSkew];
        var buckets = times.DistinctBy(TableRows.TimeBucket);
        var found = await Task.WhenAll(buckets.Select(time => FailuresAsync(tag, time, cancellation)));
        return [.. found.SelectMany(known => known).Where(known => known.Counts(failure.At))];
    }

    public async Task<int?> SweepAsync(DateTimeOffset now, int limit, CancellationToken cancellation)
    {
        await using var lease = await SweepLease.TryTakeAsync(sessions, now, cancellation);
        return lease is null ? null : await new TableSweep(sessions, codes, failures).RunAsync(now, limit, cancellation);
    }

    private async Task<IEnumerable<Failure>> FailuresAsync(string tag, DateTimeOffset time, CancellationToken cancellation)
    {
        var (partition, row) = (TableRows.FailurePartition(tag, time), TableRows.FailureRow(tag, time));
        var found = await failures.GetEntityIfExistsAsync<TableEntity>(partition, row, cancellationToken: cancellation);
        return found.HasValue ? TableRows.ToFailures(found.Value!) : [];
    }

    private Task AddOrPrepareAsync(TableClient table, TableEntity row, CancellationToken cancellation) =>
        WriteOrPrepareAsync(() => table.AddEntityAsync(row, cancellation), cancellation);

    /// <summary>Writes, and where somebody has removed the tables while the app was running, makes them again first.</summary>
    private async Task WriteOrPrepareAsync(Func<Task> write, CancellationToken cancellation)
    {
        try
        {
            await write();
        }
        catch (RequestFailedException exception) when (exception.Status == (int)HttpStatusCode.NotFound)
        {
            await PrepareAsync(cancellation);
            await write();
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
