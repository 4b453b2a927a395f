using Azure;
using Azure.Data.Tables;

namespace TokenBroker.Storage;

/// <summary>
/// Removes expired sessions and their code entries from the tables. It reads one range of partition keys, the time buckets that hold
/// expired sessions. Code entries go first, so that a sweep that is cut off loses track of none.
/// </summary>
internal sealed class TableSweep(TableClient sessions, TableClient codes, TableClient failures)
{
    /// <summary>The service's limit for a page. A page is removed before the next is read.</summary>
    private const int PageSize = 1000;

    /// <summary>The service's limit for a transaction.</summary>
    private const int TransactionSize = 100;

    /// <summary>How many deletions are under way at once: where each takes 10 ms, that is 3,200 a second.</summary>
    private const int Parallelism = 32;

    public async Task<int> RunAsync(DateTimeOffset now, int limit, CancellationToken cancellation)
    {
        // What expires now began a lifetime ago, in an earlier bucket than the present one.
        var filter = TableClient.CreateQueryFilter($"PartitionKey lt {TableRows.TimeBucket(now)} and ExpiresAt le {now}");
        string[] columns = ["PartitionKey", "RowKey", "ExpiresAt", "Status", "ClaimedAt", "CodeEntryKey", "UserCodeEntryKey"];
        var removed = 0;
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        time.CancelAfter(SweepLease.MaxDuration);
        try
        {
            await SweepFailuresAsync(now, limit, time.Token);
            var pages = sessions.QueryAsync<TableEntity>(filter, Math.Min(limit, PageSize), columns, time.Token).AsPages();
            await foreach (var page in pages)
            {
                var due = page.Values.Select(TableRows.ToSession).Where(session => session.MayBeSwept(now)).Take(limit - removed).ToList();
                await DeleteCodeEntriesAsync(due, time.Token);
                await DeleteAsync(sessions, due.Select(session => TableRows.From(session)), time.Token);
                removed += due.Count;
                if (removed == limit)
                    break;
            }
        }
        catch (OperationCanceledException) when (time.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            // Its time is over; the next run goes on.
        }
        return removed;
    }

    /// <summary>Removes whole buckets of failures, once the youngest in them no longer counts.</summary>
    private async Task SweepFailuresAsync(DateTimeOffset now, int limit, CancellationToken cancellation)
    {
        var filter = TableClient.CreateQueryFilter($"PartitionKey lt {TableRows.TimeBucket(now - Failure.Window)}");
        string[] columns = ["PartitionKey", "RowKey"];
        var removed = 0;
        try
        {
            await foreach (var page in failures.QueryAsync<TableEntity>(filter, Math.Min(limit, PageSize), columns, cancellation)
                .AsPages())
            {
                var due = page.Values.Take(limit - removed).ToList();
                await DeleteAsync(failures, due, cancellation);
                removed += due.Count;
                if (removed == limit)
                    break;
            }
        }
        catch (RequestFailedException exception) when (exception.Status == (int)HttpStatusCode.NotFound)
        {
            // Somebody has removed the table; the next failure creates it again.
        }
    }

    /// <summary>
    /// One by one: most have been redeemed by now, and one missing row makes a transaction fail as a whole (docs/decisions/0010).
    /// </summary>
    private Task DeleteCodeEntriesAsync(IEnumerable<Session> expired, CancellationToken cancellation) => Parallel.ForEachAsync(
        expired.SelectMany(CodeEntriesOf),
        Options(cancellation),
        async (rowKey, token) => await codes.DeleteEntityAsync(TableRows.CodeEntryPartition(rowKey), rowKey, cancellationToken: token));

    private static IEnumerable<string> CodeEntriesOf(Session session)
    {
        if (session.CodeEntryKey is { } codeEntry && session.Status != SessionStatus.Redeemed)
            yield return codeEntry;
        if (session.UserCodeEntryKey is { } userCodeEntry)
            yield return userCodeEntry;
    }

    private static Task DeleteAsync(
        TableClient table, IEnumerable<TableEntity> rows, CancellationToken cancellation) => Parallel.ForEachAsync(
        rows.GroupBy(row => row.PartitionKey).SelectMany(partition => partition.Chunk(TransactionSize)), Options(cancellation),
        async (chunk, token) => await DeleteChunkAsync(table, chunk, token));

    private static async Task DeleteChunkAsync(TableClient table, TableEntity[] rows, CancellationToken cancellation)
    {
        if (rows.Length > 1)
        {
            try
            {
                await table.SubmitTransactionAsync(
                    rows.Select(row => new TableTransactionAction(TableTransactionActionType.Delete, row)), cancellation);
                return;
            }
            catch (TableTransactionFailedException exception) when (exception.Status == (int)HttpStatusCode.NotFound)
            {
                // Another instance sweeps at the same time. When rows are deleted one by one, a missing row is no failure.
            }
        }
        foreach (var row in rows)
            await table.DeleteEntityAsync(row.PartitionKey, row.RowKey, cancellationToken: cancellation);
    }

    private static ParallelOptions Options(CancellationToken cancellation) =>
        new() { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellation };
}
