using Azure;
using Azure.Data.Tables;

namespace TokenBroker.Storage;

/// <summary>
/// Lets one sweep work at a time, of all instances: a row that is added at its beginning and deleted at its end. A process that dies
/// leaves it, and holds up the others until it expires.
/// </summary>
internal sealed class SweepLease : IAsyncDisposable
{
    /// <summary>How long a sweep may work.</summary>
    public static readonly TimeSpan MaxDuration = TimeSpan.FromSeconds(50);

    /// <summary>When an abandoned lease expires: once its sweep is over in any case.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);

    /// <summary>Behind the partition keys of all sessions, which are hexadecimal digits.</summary>
    private const string Key = "sweep";

    private const string HeldUntil = "HeldUntil";

    /// <summary>Differs with every lease, so that a writer whose answer was lost recognises its own.</summary>
    private const string Holder = "Holder";

    private readonly TableClient _table;
    private readonly ETag _etag;

    private SweepLease(TableClient table, ETag etag) => (_table, _etag) = (table, etag);

    /// <summary>Takes the lease: 1 write.</summary>
    /// <returns>The lease; null when another sweep has it.</returns>
    public static async Task<SweepLease?> TryTakeAsync(TableClient table, DateTimeOffset now, CancellationToken cancellation)
    {
        var row = new TableEntity(Key, Key) { [HeldUntil] = now + Lifetime, [Holder] = Guid.NewGuid().ToString("N") };
        try
        {
            return Held(table, await table.AddEntityAsync(row, cancellation));
        }
        catch (RequestFailedException exception) when (exception.Status == (int)HttpStatusCode.Conflict)
        {
            return await TryTakeOverAsync(table, row, now, cancellation);
        }
    }

    /// <summary>Gives it back: 1 delete. After a failure it expires.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _table.DeleteEntityAsync(Key, Key, _etag, CancellationToken.None);
        }
        catch (Exception exception) when (exception is RequestFailedException or AggregateException or OperationCanceledException)
        {
            // Another sweep has taken it over, or storage is down.
        }
    }

    private static async Task<SweepLease?> TryTakeOverAsync(
        TableClient table, TableEntity row, DateTimeOffset now, CancellationToken cancellation)
    {
        var found = await table.GetEntityIfExistsAsync<TableEntity>(Key, Key, cancellationToken: cancellation);
        if (!found.HasValue)
            return null;
        if (found.Value!.GetString(Holder) == row.GetString(Holder))
            return new(table, found.Value.ETag);
        var remaining = found.Value.GetDateTimeOffset(HeldUntil)!.Value - now;
        // One that lasts longer than any was written by a clock that is wrong.
        if (remaining > TimeSpan.Zero && remaining <= 2 * Lifetime)
            return null;
        try
        {
            return Held(table, await table.UpdateEntityAsync(row, found.Value.ETag, TableUpdateMode.Replace, cancellation));
        }
        catch (RequestFailedException exception)
            when (exception.Status is (int)HttpStatusCode.PreconditionFailed or (int)HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    private static SweepLease Held(TableClient table, Response response) =>
        new(table, response.Headers.ETag ?? throw new InvalidOperationException("A write was answered without an ETag."));
}
