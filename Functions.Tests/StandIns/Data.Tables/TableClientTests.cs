using System.Net;
using Azure;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.StandIns.DataTables;

/// <summary>What the broker relies on in Azure.Data.Tables, against Azurite: the stand-in and the real client must both pass.</summary>
public sealed class TableClientTests
{
    private static readonly TableTransactionActionType Delete = TableTransactionActionType.Delete;

    [Fact]
    public async Task An_entity_comes_back_with_every_type_of_column()
    {
        var table = await Azurite.NewTableAsync();
        var row = new Row
        {
            PartitionKey = "p",
            RowKey = "r",
            Text = "grüße \"quoted\" \\ \n",
            Number = 7,
            Long = long.MaxValue,
            Flag = true,
            Instant = new(2026, 11, 21, 12, 0, 0, 123, TimeSpan.FromHours(2)),
            Bytes = [0, 1, 255],
        };
        await table.AddEntityAsync(row);

        var read = (await table.GetEntityIfExistsAsync<Row>("p", "r")).Value!;

        Assert.Equal((row.Text, 7, long.MaxValue, true), (read.Text, read.Number, read.Long, read.Flag));
        Assert.Equal(row.Instant, read.Instant);
        Assert.Equal([0, 1, 255], read.Bytes!);
        Assert.Null(read.Missing);
        Assert.NotEqual(default, read.ETag);
        Assert.NotNull(read.Timestamp);
    }

    [Fact]
    public async Task Creating_a_table_twice_is_no_failure()
    {
        var table = await Azurite.NewTableAsync();
        await table.CreateIfNotExistsAsync();
    }

    [Fact]
    public async Task An_entity_that_is_there_cannot_be_added()
    {
        var table = await Azurite.NewTableAsync();
        await table.AddEntityAsync(NewRow("p", "r"));
        var refused = await Assert.ThrowsAsync<RequestFailedException>(() => table.AddEntityAsync(NewRow("p", "r")));
        Assert.Equal((409, "EntityAlreadyExists"), (refused.Status, refused.ErrorCode));
    }

    [Fact]
    public async Task A_missing_entity_or_table_has_no_value()
    {
        var table = await Azurite.NewTableAsync();
        Assert.False((await table.GetEntityIfExistsAsync<Row>("p", "r")).HasValue);
        Assert.False((await (await Azurite.GetAsync()).Table("missing").GetEntityIfExistsAsync<Row>("p", "r")).HasValue);
    }

    [Fact]
    public async Task An_update_needs_the_stored_version()
    {
        var table = await Azurite.NewTableAsync();
        await table.AddEntityAsync(NewRow("p", "r"));
        var read = (await table.GetEntityIfExistsAsync<Row>("p", "r")).Value!;

        var response = await table.UpdateEntityAsync(NewRow("p", "r", 2), read.ETag, TableUpdateMode.Replace);
        var refused = await Assert.ThrowsAsync<RequestFailedException>(() => table.UpdateEntityAsync(NewRow("p", "r", 3), read.ETag, TableUpdateMode.Replace));
        var missing = await Assert.ThrowsAsync<RequestFailedException>(() => table.UpdateEntityAsync(NewRow("p", "x"), ETag.All, TableUpdateMode.Replace));

        Assert.Equal((412, 404), (refused.Status, missing.Status));
        var stored = (await table.GetEntityIfExistsAsync<Row>("p", "r")).Value!;
        Assert.Equal(2, stored.Number);
        Assert.Equal(stored.ETag, response.Headers.ETag);
    }

    [Fact]
    public async Task An_update_merges_or_replaces()
    {
        var table = await Azurite.NewTableAsync();
        await table.AddEntityAsync(new Row { PartitionKey = "p", RowKey = "r", Text = "kept" });
        await table.UpdateEntityAsync(NewRow("p", "r", 1), ETag.All);
        Assert.Equal("kept", (await table.GetEntityIfExistsAsync<Row>("p", "r")).Value!.Text);
        await table.UpdateEntityAsync(NewRow("p", "r", 1), ETag.All, TableUpdateMode.Replace);
        Assert.Null((await table.GetEntityIfExistsAsync<Row>("p", "r")).Value!.Text);
    }

    [Fact]
    public async Task An_update_without_an_etag_is_a_mistake()
    {
        var table = await Azurite.NewTableAsync();
        await Assert.ThrowsAnyAsync<ArgumentException>(() => table.UpdateEntityAsync(NewRow("p", "r"), default));
    }

    [Fact]
    public async Task Deleting_tells_204_from_404_and_throws_412()
    {
        var table = await Azurite.NewTableAsync();
        await table.AddEntityAsync(NewRow("p", "r"));
        var stale = (await table.GetEntityIfExistsAsync<Row>("p", "r")).Value!.ETag;
        await table.UpdateEntityAsync(NewRow("p", "r", 2), ETag.All);

        var refused = await Assert.ThrowsAsync<RequestFailedException>(() => table.DeleteEntityAsync("p", "r", stale));

        Assert.Equal(412, refused.Status);
        Assert.Equal(204, (await table.DeleteEntityAsync("p", "r")).Status);
        Assert.Equal(404, (await table.DeleteEntityAsync("p", "r")).Status);
    }

    [Theory]
    [InlineData("it's", "a 'quoted' key")]
    [InlineData("grüße", "日本語")]
    [InlineData("a b+c&d=e", "100%(sure)")]
    public async Task Keys_may_hold_quotes_and_any_script(string partitionKey, string rowKey)
    {
        var table = await Azurite.NewTableAsync();
        await table.AddEntityAsync(NewRow(partitionKey, rowKey));

        Assert.True((await table.GetEntityIfExistsAsync<Row>(partitionKey, rowKey)).HasValue);
        Assert.Single(await RowsAsync(table.QueryAsync<Row>(TableClient.CreateQueryFilter($"PartitionKey eq {partitionKey} and RowKey eq {rowKey}"))));
        await table.SubmitTransactionAsync([new(Delete, NewRow(partitionKey, rowKey))]);
        Assert.Equal(404, (await table.DeleteEntityAsync(partitionKey, rowKey)).Status);
    }

    [Fact]
    public async Task A_query_goes_on_beyond_a_page_of_a_thousand()
    {
        var table = await Azurite.NewTableAsync();
        await Parallel.ForEachAsync(Enumerable.Range(0, 1050), async (number, token) => await table.AddEntityAsync(NewRow($"{number % 7}", $"r{number:d4}"), token));

        var pages = new List<int>();
        await foreach (var page in table.QueryAsync<Row>(select: ["RowKey"]).AsPages())
            pages.Add(page.Values.Count);

        Assert.Equal([1000, 50], pages);
        Assert.Equal(1050, (await RowsAsync(table.QueryAsync<Row>(maxPerPage: 100))).Select(row => row.RowKey).Distinct().Count());
    }

    [Fact]
    public async Task A_filter_compares_strings_instants_and_numbers()
    {
        var table = await Azurite.NewTableAsync();
        var noon = new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
        for (var hour = 0; hour < 4; hour++)
            await table.AddEntityAsync(new Row { PartitionKey = $"p{hour}", RowKey = "r", Instant = noon.AddHours(hour), Long = hour });

        var filter = TableClient.CreateQueryFilter($"PartitionKey lt {"p3"} and Instant le {noon.AddHours(2)} and Long ge {1L}");

        Assert.Equal(["p1", "p2"], (await RowsAsync(table.QueryAsync<Row>(filter))).Select(row => row.PartitionKey));
    }

    [Fact]
    public async Task A_transaction_deletes_a_hundred()
    {
        var table = await Azurite.NewTableAsync();
        var rows = Enumerable.Range(0, 100).Select(number => NewRow("p", $"r{number}")).ToList();
        await Parallel.ForEachAsync(rows, async (row, token) => await table.AddEntityAsync(row, token));

        var answers = await table.SubmitTransactionAsync(rows.Select(row => new TableTransactionAction(Delete, row)));

        Assert.Equal(100, answers.Value.Count(answer => answer.Status == 204));
        Assert.Empty(await RowsAsync(table.QueryAsync<Row>()));
    }

    [Fact]
    public async Task A_transaction_with_a_missing_row_fails_as_a_whole()
    {
        var table = await Azurite.NewTableAsync();
        await table.AddEntityAsync(NewRow("p", "r"));

        var failed = await Assert.ThrowsAsync<TableTransactionFailedException>(
            () => table.SubmitTransactionAsync([new(Delete, NewRow("p", "r")), new(Delete, NewRow("p", "gone"))]));

        Assert.Equal(404, failed.Status);
        Assert.Single(await RowsAsync(table.QueryAsync<Row>()));
    }

    [Fact]
    public async Task A_503_is_tried_again_and_a_conflict_is_not()
    {
        var fault = new FailFirst(2, HttpStatusCode.ServiceUnavailable);
        var table = await Azurite.NewTableAsync(new TableClientOptions { Transport = new HttpClientTransport(fault) });
        Assert.Equal(3, fault.Requests);

        await table.AddEntityAsync(NewRow("p", "r"));
        await Assert.ThrowsAsync<RequestFailedException>(() => table.AddEntityAsync(NewRow("p", "r")));
        Assert.Equal(5, fault.Requests);
    }

    [Fact]
    public async Task A_503_that_stays_is_thrown_after_the_third_retry()
    {
        var azurite = await Azurite.GetAsync();
        var fault = new FailFirst(int.MaxValue, HttpStatusCode.ServiceUnavailable);
        var table = azurite.Table("any", new TableClientOptions { Transport = new HttpClientTransport(fault) });
        var failed = await Assert.ThrowsAsync<RequestFailedException>(() => table.GetEntityIfExistsAsync<Row>("p", "r"));
        Assert.Equal((503, 4), (failed.Status, fault.Requests));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("AccountName=a")]
    public void A_connection_string_without_an_account_is_refused(string text) =>
        Assert.True(Record.Exception(() => new TableClient(text, "t")) is ArgumentException or FormatException or InvalidOperationException);

    private static Row NewRow(string partitionKey, string rowKey, int? number = null) => new() { PartitionKey = partitionKey, RowKey = rowKey, Number = number };

    private static async Task<List<Row>> RowsAsync(AsyncPageable<Row> query)
    {
        var rows = new List<Row>();
        await foreach (var row in query)
            rows.Add(row);
        return rows;
    }

    private sealed class Row : ITableEntity
    {
        public string PartitionKey { get; set; } = "";
        public string RowKey { get; set; } = "";
        public DateTimeOffset? Timestamp { get; set; }
        public ETag ETag { get; set; }
        public string? Text { get; set; }
        public int? Number { get; set; }
        public long? Long { get; set; }
        public bool? Flag { get; set; }
        public DateTimeOffset? Instant { get; set; }
        public byte[]? Bytes { get; set; }
        public string? Missing { get; set; }
    }

    /// <summary>Answers the first requests itself, and passes the rest on.</summary>
    private sealed class FailFirst(int failures, HttpStatusCode status) : DelegatingHandler(new SocketsHttpHandler())
    {
        public int Requests { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            ++Requests <= failures ? new(status) : await base.SendAsync(request, cancellationToken);
    }
}
