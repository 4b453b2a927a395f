using System.Net;
using Azure;
using Azure.Data.Tables;
using Moq;
using TokenBroker.Storage;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Storage;

public sealed class TableSessionStoreTests : SessionStoreContract
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 1, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_table_that_is_missing_is_no_answer()
    {
        var azurite = await Azurite.GetAsync();
        var store = new TableSessionStore(azurite.Table("missing"), azurite.Table("missing"), azurite.Table("missing"));
        await Assert.ThrowsAsync<RequestFailedException>(() => store.CheckAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Missing_tables_are_created_at_start_and_those_that_are_there_are_not_touched()
    {
        var azurite = await Azurite.GetAsync();
        var counter = new OperationCounter();
        var names = (Sessions: $"t{Guid.NewGuid():N}", Codes: $"t{Guid.NewGuid():N}", Failures: $"t{Guid.NewGuid():N}");
        var store = new TableSessionStore(
            azurite.Table(names.Sessions, counter.Options()), azurite.Table(names.Codes, counter.Options()),
                azurite.Table(names.Failures, counter.Options()));
        await store.PrepareAsync(CancellationToken.None);
        await store.CheckAsync(CancellationToken.None);
        counter.Reset();
        // An identity without the right to create tables must be enough from here on.
        await store.PrepareAsync(CancellationToken.None);
        Assert.All(counter.Operations, operation => Assert.StartsWith("GET", operation, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_sweep_of_more_than_a_page_removes_all_of_it_without_a_look_at_live_rows()
    {
        var counter = new OperationCounter();
        var sessions = await Azurite.NewTableAsync(counter.Options());
        var codes = await Azurite.NewTableAsync(counter.Options());
        var store = new TableSessionStore(sessions, codes, await Azurite.NewTableAsync());
        const int expired = 1100;
        await Parallel.ForEachAsync(Enumerable.Range(0, expired), async (_, token) =>
            await store.AddAsync(NewSession(Now - Session.Lifetime), token));
        var live = NewSession(Now);
        await store.AddAsync(live, CancellationToken.None);
        counter.Reset();

        Assert.Equal(expired, await store.SweepAsync(Now, 2000, CancellationToken.None));

        Assert.NotNull(await FindAsync(store, live));
        // Two pages, the first of which may split a shard; a delete for each shard that has one row, a transaction for each that has
        // more.
        // And the lease is taken and given back.
        Assert.InRange(counter.Operations.Count, 5, 2 + 256 + 1 + 2);
    }

    [Fact]
    public async Task A_status_of_another_version_stops_no_sweep()
    {
        var sessions = await Azurite.NewTableAsync();
        var store = new TableSessionStore(sessions, await Azurite.NewTableAsync(), await Azurite.NewTableAsync());
        var row = TableRows.From(NewSession(Now - Session.Lifetime));
        row["Status"] = "Collected";
        await sessions.AddEntityAsync(row);
        Assert.Equal(1, await store.SweepAsync(Now, 10, CancellationToken.None));
    }

    [Fact]
    public async Task Failures_are_swept_once_they_no_longer_count()
    {
        var failures = await Azurite.NewTableAsync();
        var store = new TableSessionStore(await Azurite.NewTableAsync(), await Azurite.NewTableAsync(), failures);
        for (var number = 0; number < 3; number++)
            await store.AddFailureAsync("tag", Failure.New(Now), CancellationToken.None);
        Assert.Single(await RowsAsync());

        await store.SweepAsync(Now.AddMinutes(10), 100, CancellationToken.None);
        Assert.Empty(await RowsAsync());

        async Task<List<TableEntity>> RowsAsync()
        {
            var found = new List<TableEntity>();
            await foreach (var row in failures.QueryAsync<TableEntity>())
                found.Add(row);
            return found;
        }
    }

    [Fact]
    public async Task A_sweep_without_a_table_of_failures_removes_the_sessions()
    {
        var store = new TableSessionStore(
            await Azurite.NewTableAsync(), await Azurite.NewTableAsync(), (await Azurite.GetAsync()).Table($"t{Guid.NewGuid():N}"));
        await store.AddAsync(NewSession(Now), CancellationToken.None);
        Assert.Equal(1, await store.SweepAsync(Now.AddMinutes(10), 100, CancellationToken.None));
    }

    [Fact]
    public async Task A_sweep_of_failures_stops_at_its_limit_also_beyond_a_page()
    {
        var failures = await Azurite.NewTableAsync();
        var store = new TableSessionStore(await Azurite.NewTableAsync(), await Azurite.NewTableAsync(), failures);
        await Parallel.ForEachAsync(Enumerable.Range(0, 1600), async (number, token) =>
            await failures.AddEntityAsync(TableRows.From($"{number % 16:x2}tag{number}", Failure.New(Now)), token));

        await store.SweepAsync(Now.AddMinutes(10), 1500, CancellationToken.None);

        Assert.Equal(100, await failures.QueryAsync<TableEntity>(select: ["RowKey"]).CountAsync());
    }

    [Fact]
    public async Task Code_entries_go_before_the_sessions_that_know_them()
    {
        var counter = new OperationCounter();
        var sessions = await Azurite.NewTableAsync(counter.Options());
        var codes = await Azurite.NewTableAsync(counter.Options());
        await AddWithEntryAsync(new TableSessionStore(sessions, codes, await Azurite.NewTableAsync()), Now - Session.Lifetime);
        counter.Reset();

        await new TableSessionStore(sessions, codes, await Azurite.NewTableAsync()).SweepAsync(Now, 10, CancellationToken.None);

        Assert.Collection(
            counter.Operations,
            lease => Assert.StartsWith("POST", lease, StringComparison.Ordinal),
            query => Assert.StartsWith("GET", query, StringComparison.Ordinal),
            entry => Assert.Contains(codes.Name, entry, StringComparison.Ordinal),
            session => Assert.Contains(sessions.Name, session, StringComparison.Ordinal),
            lease => Assert.StartsWith("DELETE", lease, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Of_many_instances_that_sweep_at_once_one_does_the_work()
    {
        var counter = new OperationCounter();
        var (sessions, codes) = (await Azurite.NewTableAsync(counter.Options()), await Azurite.NewTableAsync(counter.Options()));
        var failures = await Azurite.NewTableAsync();
        const int expired = 200;
        await Parallel.ForEachAsync(Enumerable.Range(0, expired), async (_, token) =>
            await AddWithEntryAsync(new TableSessionStore(sessions, codes, failures), Now - Session.Lifetime - Session.SweepDelay));
        counter.Reset();

        var removed = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ =>
            new TableSessionStore(sessions, codes, failures).SweepAsync(Now, 1000, CancellationToken.None)));

        Assert.Equal(expired, removed.Sum());
        Assert.Contains(null, removed);
        Assert.Equal(expired, counter.Operations.Count(operation => operation.Contains(codes.Name, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_sweep_whose_process_died_holds_up_the_others_for_a_minute()
    {
        var sessions = await Azurite.NewTableAsync();
        var store = new TableSessionStore(sessions, await Azurite.NewTableAsync(), await Azurite.NewTableAsync());
        await store.AddAsync(NewSession(Now - Session.Lifetime), CancellationToken.None);
        Assert.NotNull(await SweepLease.TryTakeAsync(sessions, Now, CancellationToken.None));
        Assert.Null(await store.SweepAsync(Now.AddSeconds(59), 10, CancellationToken.None));
        Assert.Equal(1, await store.SweepAsync(Now.AddSeconds(60), 10, CancellationToken.None));
        // A clock that is an hour ahead does not stop the sweep for an hour.
        Assert.NotNull(await SweepLease.TryTakeAsync(sessions, Now.AddHours(1), CancellationToken.None));
        Assert.Equal(0, await store.SweepAsync(Now, 10, CancellationToken.None));
    }

    [Fact]
    public async Task A_sweep_whose_lease_was_taken_and_the_answer_lost_sweeps_all_the_same()
    {
        var transport = new FaultyTransport();
        var sessions = await Azurite.NewTableAsync(transport.Options());
        var store = new TableSessionStore(sessions, await Azurite.NewTableAsync(), await Azurite.NewTableAsync());
        await store.AddAsync(NewSession(Now - Session.Lifetime), CancellationToken.None);
        var call = 0;
        transport.Next = () => call++ == 0 ? Fault.LostAnswer : Fault.None;
        Assert.Equal(1, await store.SweepAsync(Now, 10, CancellationToken.None));
        Assert.Equal(1, transport.Injected);
    }

    [Fact]
    public async Task Thirty_two_deletions_are_under_way_at_once()
    {
        const int parallel = 32;
        var (waiting, allAreThere) = (0, new TaskCompletionSource());
        var transport = new FaultyTransport
        {
            Before = async request =>
            {
                if (request.Method != HttpMethod.Delete)
                    return;
                if (Interlocked.Increment(ref waiting) == parallel)
                    allAreThere.SetResult();
                await allAreThere.Task.WaitAsync(TimeSpan.FromSeconds(30));
            },
        };
        var (sessions, codes, failures) = (await Azurite.NewTableAsync(), await Azurite.NewTableAsync(transport.Options()),
            await Azurite.NewTableAsync());
        var store = new TableSessionStore(sessions, codes, failures);
        await Parallel.ForEachAsync(Enumerable.Range(0, parallel), async (_, token) =>
            await AddWithEntryAsync(store, Now - Session.Lifetime - Session.SweepDelay));
        Assert.Equal(parallel, await store.SweepAsync(Now, 1000, CancellationToken.None));
    }

    [Fact]
    public async Task Each_code_entry_is_swept_by_itself_whether_or_not_it_was_redeemed()
    {
        var counter = new OperationCounter();
        var codes = await Azurite.NewTableAsync(counter.Options());
        var store = new TableSessionStore(await Azurite.NewTableAsync(), codes, await Azurite.NewTableAsync());
        const int expired = 300;
        await Parallel.ForEachAsync(Enumerable.Range(0, expired), async (number, token) =>
        {
            var session = await AddWithEntryAsync(store, Now - Session.Lifetime - Session.SweepDelay);
            if (number % 10 > 0)
                await store.TryRedeemAsync((await store.FindEntryAsync(session.CodeEntryKey!, token))!, token);
        });
        // A device's session knows that its code entry was redeemed.
        var device = await AddWithEntryAsync(store, Now - Session.Lifetime - Session.SweepDelay);
        await store.TryUpdateAsync(device with { Status = SessionStatus.Redeemed }, CancellationToken.None);
        var young = await AddWithEntryAsync(store, Now - Session.Lifetime + TimeSpan.FromSeconds(1));
        counter.Reset();

        Assert.Equal(expired + 1, await store.SweepAsync(Now, 1000, CancellationToken.None));

        Assert.Equal(expired, counter.Operations.Count);
        Assert.All(counter.Operations, operation => Assert.StartsWith("DELETE", operation, StringComparison.Ordinal));
        Assert.NotNull(await store.FindEntryAsync(young.CodeEntryKey!, CancellationToken.None));
    }

    [Fact]
    public async Task A_write_whose_answer_was_lost_counts_as_the_success_it_was()
    {
        var transport = new FaultyTransport();
        var store = new TableSessionStore(
            await Azurite.NewTableAsync(transport.Options()), await Azurite.NewTableAsync(transport.Options()),
                await Azurite.NewTableAsync());
        void LoseTheNextAnswer()
        {
            var call = 0;
            transport.Next = () => call++ == 0 ? Fault.LostAnswer : Fault.None;
        }

        var session = NewSession(Now);
        LoseTheNextAnswer();
        await store.AddAsync(session, CancellationToken.None);

        var read = (await FindAsync(store, session))!;
        LoseTheNextAnswer();
        Assert.NotNull(await store.TryUpdateAsync(read with { Status = SessionStatus.Claimed }, CancellationToken.None));
        // The same by somebody else is no success of theirs.
        Assert.Null(await store.TryUpdateAsync(read with { Status = SessionStatus.Claimed }, CancellationToken.None));

        var entry = NewEntry(Now);
        LoseTheNextAnswer();
        Assert.True(await store.TryAddEntryAsync(entry, CancellationToken.None));
        Assert.Equal(3, transport.Injected);
    }

    [Theory]
    [InlineData((int)HttpStatusCode.NotFound)]
    [InlineData((int)HttpStatusCode.OK)]
    public async Task Only_status_204_redeems_a_code_entry(int status)
    {
        var response = new Mock<Response>();
        response.Setup(answer => answer.Status).Returns(status);
        var codes = new Mock<TableClient>();
        codes.Setup(table => table.DeleteEntityAsync(
            It.IsAny<string>(), It.IsAny<string>(), It.IsAny<ETag>(), It.IsAny<CancellationToken>()))
            .ReturnsAsync(response.Object);
        var store = new TableSessionStore(Mock.Of<TableClient>(), codes.Object, Mock.Of<TableClient>());
        Assert.False(await store.TryRedeemAsync(NewEntry(Now), CancellationToken.None));
    }

    protected override async Task<ISessionStore> NewStoreAsync() => await Broker.NewTableStoreAsync();
}
