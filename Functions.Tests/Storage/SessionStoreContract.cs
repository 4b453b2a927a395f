using System.Collections.Concurrent;
using System.Security.Cryptography;
using TokenBroker.Crypto;
using TokenBroker.Storage;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Storage;

/// <summary>What every session store must do.</summary>
public abstract class SessionStoreContract
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 1, 0, TimeSpan.Zero);
    private static readonly ProtectionKey Key = ProtectionKey.New();

    /// <summary>The ids of the sessions made here: a session does not know its own.</summary>
    private static readonly ConcurrentDictionary<string, SessionId> Ids = new();

    private static CancellationToken None => CancellationToken.None;

    protected abstract Task<ISessionStore> NewStoreAsync();

    [Fact]
    public async Task A_session_comes_back_as_it_was_stored()
    {
        var store = await NewStoreAsync();
        var pending = NewSession(Now);
        var full = NewSession(Now) with
        {
            CodeChallenge = "challenge",
            Status = SessionStatus.Claimed,
            ClaimedAt = Now,
            CodeEntryKey = NewEntry(Now).RowKey,
            UserCodeEntryKey = NewEntry(Now).RowKey,
            DecidedBy = "browser",
        };
        foreach (var session in new[] { pending, full })
        {
            await store.AddAsync(session, None);

            var found = (await FindAsync(store, session))!;

            Assert.NotEqual(default, found.ETag);
            Assert.Equal(session.Scopes, found.Scopes);
            Assert.Equal(session, found with { ETag = default, Scopes = session.Scopes });
        }
    }

    [Fact]
    public async Task An_unknown_session_or_code_entry_is_null()
    {
        var store = await NewStoreAsync();
        Assert.Null(await FindAsync(store, NewSession(Now)));
        Assert.Null(await store.FindEntryAsync(NewEntry(Now).RowKey, None));
    }

    [Fact]
    public async Task An_update_is_stored_and_may_be_followed_by_another()
    {
        var store = await NewStoreAsync();
        var session = await AddAsync(store, NewSession(Now));
        var entry = NewEntry(Now);

        var claimed = (await store.TryUpdateAsync(
            session with { Status = SessionStatus.Claimed, CodeEntryKey = entry.RowKey, DecidedBy = "browser", ClaimedAt = Now }, None))!;
        var failed = await store.TryUpdateAsync(claimed with { Status = SessionStatus.Failed }, None);

        Assert.NotNull(failed);
        var found = (await FindAsync(store, session))!;
        Assert.Equal(SessionStatus.Failed, found.Status);
        Assert.Equal(entry.RowKey, found.CodeEntryKey);
        Assert.Equal("browser", found.DecidedBy);
        Assert.Equal(Now, found.ClaimedAt);
    }

    [Fact]
    public async Task Of_many_updates_of_one_version_exactly_one_wins()
    {
        var store = await NewStoreAsync();
        var session = await AddAsync(store, NewSession(Now));

        var updates = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => store.TryUpdateAsync(
            session with { Status = SessionStatus.Claimed, DecidedBy = $"{number}" }, None)));

        var winner = Assert.Single(updates, update => update is not null)!;
        Assert.Equal(winner.DecidedBy, (await FindAsync(store, session))!.DecidedBy);
    }

    [Fact]
    public async Task A_session_that_is_gone_cannot_be_updated()
    {
        var store = await NewStoreAsync();
        var session = await AddAsync(store, NewSession(Now));
        await store.SweepAsync(session.ExpiresAt, 10, None);
        Assert.Null(await store.TryUpdateAsync(session with { Status = SessionStatus.Declined }, None));
    }

    [Fact]
    public async Task A_code_entry_comes_back_as_it_was_stored()
    {
        var store = await NewStoreAsync();
        var entry = NewEntry(Now) with { SealedContent = RandomNumberGenerator.GetBytes(CodeEntry.MaxContentLength) };
        Assert.True(await store.TryAddEntryAsync(entry, None));

        var found = (await store.FindEntryAsync(entry.RowKey, None))!;

        Assert.Equal(entry.SealedContent.ToArray(), found.SealedContent.ToArray());
        Assert.Equal(entry.ExpiresAt, found.ExpiresAt);
    }

    [Fact]
    public async Task A_code_in_use_is_refused_and_the_first_entry_stays()
    {
        var store = await NewStoreAsync();
        var entry = NewEntry(Now);
        Assert.True(await store.TryAddEntryAsync(entry, None));
        Assert.False(await store.TryAddEntryAsync(entry with { SealedContent = new byte[] { 9 } }, None));
        Assert.Equal(entry.SealedContent.ToArray(), (await store.FindEntryAsync(entry.RowKey, None))!.SealedContent.ToArray());
    }

    [Fact]
    public async Task A_code_entry_is_redeemed_by_exactly_one_of_fifty_callers()
    {
        var store = await NewStoreAsync();
        var entry = NewEntry(Now);
        await store.TryAddEntryAsync(entry, None);
        var read = (await store.FindEntryAsync(entry.RowKey, None))!;

        var redeemed = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => store.TryRedeemAsync(read, None)));

        Assert.Single(redeemed, won => won);
        Assert.Null(await store.FindEntryAsync(entry.RowKey, None));
    }

    [Fact]
    public async Task A_sweep_removes_what_is_five_minutes_old_and_nothing_younger()
    {
        var store = await NewStoreAsync();
        var old = await AddWithEntryAsync(store, Now - Session.Lifetime);
        var young = await AddWithEntryAsync(store, Now - Session.Lifetime + TimeSpan.FromMilliseconds(1));

        Assert.Equal(1, await store.SweepAsync(Now, 100, None));

        Assert.Null(await FindAsync(store, old));
        Assert.Null(await store.FindEntryAsync(old.CodeEntryKey!, None));
        Assert.NotNull(await FindAsync(store, young));
        Assert.NotNull(await store.FindEntryAsync(young.CodeEntryKey!, None));
        Assert.Equal(0, await store.SweepAsync(Now, 100, None));
    }

    [Fact]
    public async Task A_sweep_stops_at_its_limit_and_the_next_goes_on()
    {
        var store = await NewStoreAsync();
        for (var number = 0; number < 7; number++)
            await AddWithEntryAsync(store, Now - TimeSpan.FromMinutes(5 + number));

        Assert.Equal(5, await store.SweepAsync(Now, 5, None));
        Assert.Equal(2, await store.SweepAsync(Now, 5, None));
        Assert.Equal(0, await store.SweepAsync(Now, 5, None));
    }

    [Fact]
    public async Task A_session_whose_code_entry_may_still_be_on_its_way_outlives_the_sweep()
    {
        var store = await NewStoreAsync();
        var created = Now - Session.Lifetime;
        var session = await AddAsync(store, NewSession(created));
        await store.TryUpdateAsync(session
            with
        { Status = SessionStatus.Claimed, ClaimedAt = Now - TimeSpan.FromSeconds(1), CodeEntryKey = NewEntry(created).RowKey }, None);

        Assert.Equal(0, await store.SweepAsync(Now, 10, None));
        Assert.Equal(1, await store.SweepAsync(Now + TimeSpan.FromMinutes(3), 10, None));
    }

    [Fact]
    public async Task Sweeps_that_meet_each_other_fail_neither()
    {
        var store = await NewStoreAsync();
        for (var number = 0; number < 30; number++)
            await AddWithEntryAsync(store, Now - Session.Lifetime);

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => store.SweepAsync(Now, 100, None)));

        Assert.Equal(0, await store.SweepAsync(Now, 100, None));
    }

    [Fact]
    public async Task Of_many_updates_that_differ_in_nothing_one_wins()
    {
        var store = await NewStoreAsync();
        var session = await AddAsync(store, NewSession(Now));
        var updates = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(_ => store.TryUpdateAsync(session with { Status = SessionStatus.Claimed }, None)));
        Assert.Single(updates, update => update is not null);
    }

    [Fact]
    public async Task Failures_of_an_address_are_those_of_the_last_five_minutes()
    {
        var store = await NewStoreAsync();
        Failure[] failures = [.. new[] { 0, 4, 5, 8, 6 }.Select(minutes => Failure.New(Now.AddMinutes(minutes)))];
        async Task<Failure[]> AddAsync(string tag, Failure failure) =>
            [.. (await store.AddFailureAsync(tag, failure, None)).OrderBy(known => known.At)];

        await AddAsync("one", failures[0]);
        await AddAsync("other", Failure.New(Now));
        Assert.Equal(failures[..2], await AddAsync("one", failures[1]));
        Assert.Equal(failures[1..3], await AddAsync("one", failures[2]));
        // What is swept no longer counts anyway.
        await store.SweepAsync(Now.AddMinutes(8), 100, None);
        Assert.Equal(failures[1..4], await AddAsync("one", failures[3]));
        // An instance whose clock is two minutes behind finds what the one ahead has written.
        Assert.Equal([failures[1], failures[2], failures[4], failures[3]], await AddAsync("one", failures[4]));
    }

    [Fact]
    public async Task A_prepared_store_answers()
    {
        var store = await NewStoreAsync();
        await store.PrepareAsync(None);
        await store.CheckAsync(None);
    }

    private protected static Session NewSession(DateTimeOffset created)
    {
        var id = SessionId.New(created);
        Ids[id.RowKey] = id;
        return Session.Begin(id, "lifescope", ["basic", "events:read"]);
    }

    private protected static Task<Session?> FindAsync(ISessionStore store, Session session) => store.FindAsync(Ids[session.RowKey], None);

    private protected static CodeEntry NewEntry(DateTimeOffset created) =>
        new(Key.RowKeyOf(Codes.New().Text), RandomNumberGenerator.GetBytes(100), created + Session.Lifetime);

    private protected static async Task<Session> AddWithEntryAsync(ISessionStore store, DateTimeOffset created)
    {
        var session = await AddAsync(store, NewSession(created));
        var entry = NewEntry(created);
        var claimed = session with { Status = SessionStatus.Claimed, ClaimedAt = created, CodeEntryKey = entry.RowKey };
        await store.TryAddEntryAsync(entry, None);
        return (await store.TryUpdateAsync(claimed, None))!;
    }

    private static async Task<Session> AddAsync(ISessionStore store, Session session)
    {
        await store.AddAsync(session, None);
        return (await FindAsync(store, session))!;
    }
}

public sealed class MemorySessionStoreTests : SessionStoreContract
{
    protected override Task<ISessionStore> NewStoreAsync() => Task.FromResult<ISessionStore>(new MemorySessionStore());
}
