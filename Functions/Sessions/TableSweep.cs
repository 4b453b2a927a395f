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
    /// <summary>The service's limit for a page (and ten transactions).</summary>
    private const int PageSize = 1000;

    /// <summary>The service's limit for a transaction.</summary>
    private const int TransactionSize = 100;

    /// <summary>How many partitions are cleared at once.</summary>
    private const int Parallelism = 8;

    public async Task<int> RunAsync(DateTimeOffset now, int limit, CancellationToken cancellation)
    {
        var end = SessionKey.AfterBucketOf(now - Session.Lifetime);
        var filter = TableClient.CreateQueryFilter($"PartitionKey lt {end} and ExpiresAt le {now}");
        string[] columns = ["PartitionKey", "RowKey", "ExpiresAt", "App", "Scopes", "Status", "ClaimedAt", "Grant", "UserCode"];

        var removed = 0;
        await foreach (var page in sessions.QueryAsync<SessionRow>(filter, Math.Min(limit, PageSize), columns, cancellation).AsPages())
        {
            var due = page.Values.Where(row => Sweeping.IsDue(row.ToSession(), now)).Take(limit - removed).ToList();
            await DeleteAsync(grants, due.SelectMany(row => new[] { row.Grant, row.UserCode }).OfType<string>().Select(GrantRowOf), cancellation);
            await DeleteAsync(sessions, due, cancellation);
            removed += due.Count;
            if (removed >= limit)
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
                if (removed >= limit)
                    break;
            }
        }
        catch (RequestFailedException exception) when (exception.Status == (int)HttpStatusCode.NotFound)
        {
            // Somebody has removed the table: then there is nothing to sweep, and the next failed code makes it again.
        }
    }

    private static GrantRow GrantRowOf(string rowKey) => new() { PartitionKey = GrantKey.Parse(rowKey).PartitionKey, RowKey = rowKey };

    private static Task DeleteAsync(TableClient table, IEnumerable<ITableEntity> rows, CancellationToken cancellation)
    {
        var chunks = rows.GroupBy(row => row.PartitionKey).SelectMany(partition => partition.Chunk(TransactionSize));
        var options = new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellation };
        return Parallel.ForEachAsync(
            chunks, options, async (chunk, token) => await DeleteChunkAsync(table, chunk, token));
    }

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
                // A row has gone: a redeemed grant, or another instance sweeps too. One by one, a missing row is no failure.
            }
        }
        foreach (var row in rows)
            await table.DeleteEntityAsync(row.PartitionKey, row.RowKey, cancellationToken: cancellation);
    }
}
