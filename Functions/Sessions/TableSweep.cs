using System.Net;
using Azure;
using Azure.Data.Tables;

namespace TokenBroker.Sessions;

/// <summary>
/// Removes expired sessions and their grants from the tables. It reads one range of partition keys, the buckets that hold expired
/// sessions, and returns no live row of the last of them; grants go first, so that a sweep that is cut off loses track of none.
/// </summary>
internal sealed class TableSweep(TableClient sessions, TableClient grants, TableClient failures)
{
    /// <summary>The service's limit for a page: Azurite looks through all rows for each. As many are removed before the next is read.</summary>
    private const int PageSize = 1000;

    /// <summary>The service's limit for a transaction.</summary>
    private const int TransactionSize = 100;

    /// <summary>How many deletions are under way at once.</summary>
    private const int Parallelism = 8;

    public async Task<int> RunAsync(DateTimeOffset now, int limit, CancellationToken cancellation)
    {
        var end = SessionKey.AfterBucketOf(now - Session.Lifetime);
        var filter = TableClient.CreateQueryFilter($"PartitionKey lt {end} and ExpiresAt le {now}");
        string[] columns = ["PartitionKey", "RowKey", "ExpiresAt", "Status", "ClaimedAt", "Grant", "UserCode"];
        var removed = 0;
        await foreach (var page in sessions.QueryAsync<SessionRow>(filter, Math.Min(limit, PageSize), columns, cancellation).AsPages())
        {
            var due = page.Values.Select(row => row.ToSession()).Where(session => Sweeping.IsDue(session, now)).Take(limit - removed).ToList();
            await DeleteGrantsAsync(due, cancellation);
            await DeleteAsync(sessions, due.Select(SessionRow.From), cancellation);
            removed += due.Count;
            if (removed == limit)
                break;
        }
        await SweepFailuresAsync(now, limit, cancellation);
        return removed;
    }

    /// <summary>Removes whole buckets of failures, once the youngest in them no longer counts.</summary>
    private async Task SweepFailuresAsync(DateTimeOffset now, int limit, CancellationToken cancellation)
    {
        var filter = TableClient.CreateQueryFilter($"PartitionKey lt {SessionKey.Bucket(now - Session.Lifetime)}");
        var removed = 0;
        try
        {
            await foreach (var page in failures.QueryAsync<FailureRow>(filter, Math.Min(limit, PageSize), ["PartitionKey", "RowKey"], cancellation).AsPages())
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
            // Somebody has removed the table: then there is nothing to sweep, and the next failed code makes it again.
        }
    }

    /// <summary>One by one: most have been collected by now, and one missing row makes a transaction fail as a whole (docs/decisions/0010).</summary>
    private Task DeleteGrantsAsync(IEnumerable<Session> expired, CancellationToken cancellation) => Parallel.ForEachAsync(
        expired.SelectMany(session => new[] { session.Status == SessionStatus.Collected ? null : session.Grant, session.UserCode }).OfType<GrantKey>(),
        Options(cancellation),
        async (grant, token) => await grants.DeleteEntityAsync(grant.PartitionKey, grant.RowKey, cancellationToken: token));

    private static Task DeleteAsync(TableClient table, IEnumerable<ITableEntity> rows, CancellationToken cancellation) => Parallel.ForEachAsync(
        rows.GroupBy(row => row.PartitionKey).SelectMany(partition => partition.Chunk(TransactionSize)), Options(cancellation),
        async (chunk, token) => await DeleteChunkAsync(table, chunk, token));

    private static async Task DeleteChunkAsync(TableClient table, ITableEntity[] rows, CancellationToken cancellation)
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
                // Another instance sweeps too. One by one, a missing row is no failure.
            }
        }
        foreach (var row in rows)
            await table.DeleteEntityAsync(row.PartitionKey, row.RowKey, cancellationToken: cancellation);
    }

    private static ParallelOptions Options(CancellationToken cancellation) => new() { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellation };
}
