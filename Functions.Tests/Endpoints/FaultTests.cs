using Azure;
using TokenBroker.Sessions;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Endpoints;

/// <summary>Storage that fails, and a process that is killed, at every step of a sign-in.</summary>
public sealed class FaultTests
{
    [Fact]
    public async Task While_storage_is_down_everybody_is_told_and_nothing_of_the_cause()
    {
        var store = new BrokenStore(new MemorySessionStore()) { Fails = _ => true };
        await using var broker = await Broker.StartAsync(store);
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();

        var page = await browser.GetAsync("/create-session?scopes=basic");
        var reply = await game.ExchangeAsync(AccessCode.New().Text);
        var health = await game.GetAsync("/health");

        Assert.Equal((503, "We have trouble"), (page.Status, page.Heading));
        Assert.Equal((503, "temporarily_unavailable", "5"), (reply.Status, reply.Error, reply.Response.Headers.RetryAfter?.ToString()));
        Assert.Equal((503, "unavailable", "ok"), (health.Status, health.Text("storage"), health.Text("secrets")));
        Assert.DoesNotContain(BrokenStore.Message, page.Body + reply.Body + health.Body + broker.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unexpected_failure_is_500_in_the_form_of_its_audience()
    {
        var store = new BrokenStore(new MemorySessionStore()) { Fails = _ => true, Failure = () => new InvalidOperationException(BrokenStore.Message) };
        await using var broker = await Broker.StartAsync(store);
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var page = await browser.GetAsync("/create-session?scopes=basic");
        var reply = await game.ExchangeAsync(AccessCode.New().Text);
        Assert.Equal((500, "Something went wrong"), (page.Status, page.Heading));
        Assert.Equal((500, "server_error"), (reply.Status, reply.Error));
        Assert.DoesNotContain(BrokenStore.Message, page.Body + reply.Body + broker.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redemption_that_storage_refuses_loses_nothing()
    {
        var store = new BrokenStore(new MemorySessionStore());
        await using var broker = await Broker.StartAsync(store);
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var code = await browser.SignInAsync();
        store.Fails = operation => operation == nameof(ISessionStore.TryTakeAsync);
        Assert.Equal(503, (await game.ExchangeAsync(code)).Status);
        store.Fails = _ => false;
        Assert.Equal(200, (await game.ExchangeAsync(code)).Status);
    }

    /// <summary>The process dies before the n-th storage call of a sign-in; another instance carries on with the same tables.</summary>
    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    [InlineData(3, true)]
    [InlineData(4, false)]
    [InlineData(4, true)]
    [InlineData(5, false)]
    [InlineData(5, true)]
    [InlineData(6, false)]
    [InlineData(6, true)]
    [InlineData(7, false)]
    [InlineData(7, true)]
    public async Task Killing_the_process_before_or_after_any_storage_call_yields_no_token_twice_and_leaves_no_row(int killedAt, bool afterwards)
    {
        var sessions = await Azurite.NewTableAsync();
        var grants = await Azurite.NewTableAsync();
        var tables = new TableSessionStore(sessions, grants, await Azurite.NewTableAsync());
        var calls = 0;
        var store = new BrokenStore(tables) { Fails = _ => ++calls >= killedAt, Afterwards = afterwards };
        await using var dying = await Broker.StartAsync(store);
        await using var next = await Broker.StartAsync(tables, new() { ["Broker:PublicUrl"] = dying.Url.AbsoluteUri });
        next.Time.MoveTo(dying.Time.GetUtcNow());
        calls = 0;
        using var browser = dying.NewBrowser();
        using var game = dying.NewGame();
        using var nextGame = next.NewGame();

        // Storage calls: add; find, claim, add grant; find for the page; find grant, take.
        var start = await browser.GetAsync("/create-session?scopes=basic");
        var code = start.Status == 302 ? (await browser.OpenAsync((await browser.DecideAsync(await browser.FollowAsync(start), "approve")).Location!)).AccessCode : null;
        var tokens = new List<string?>();
        if (code is not null)
        {
            tokens.Add((await game.ExchangeAsync(code)).Json.TryGetProperty("oauth_token", out var first) ? first.GetString() : null);
            tokens.Add((await nextGame.ExchangeAsync(code)).Json.TryGetProperty("oauth_token", out var second) ? second.GetString() : null);
            tokens.Add((await nextGame.ExchangeAsync(code)).Json.TryGetProperty("oauth_token", out var third) ? third.GetString() : null);
        }

        Assert.InRange(tokens.Count(token => token is not null), 0, 1);
        next.Time.Advance(TimeSpan.FromMinutes(7));
        await next.Sweeper.SweepAsync(100, default);
        Assert.Empty(await Dump.OfAsync(sessions) + await Dump.OfAsync(grants));
    }

    [Fact]
    public async Task After_a_kill_between_claim_and_grant_the_player_is_told_to_start_again()
    {
        var store = new BrokenStore(new MemorySessionStore()) { Fails = operation => operation == "TryAddAsync" };
        await using var broker = await Broker.StartAsync(store);
        using var browser = broker.NewBrowser();
        var back = await browser.ApproveAsync("/create-session?scopes=basic");
        Assert.Equal(503, (await browser.GetAsync(back.Location!)).Status);

        Assert.Equal(202, (await browser.OpenAsync(back.Location!)).Status);
        broker.Time.Advance(TimeSpan.FromSeconds(20));
        var page = await browser.OpenAsync(back.Location!);

        Assert.Equal((410, "This sign-in is over"), (page.Status, page.Heading));
        Assert.Null(page.AccessCode);
        store.Fails = _ => false;
        Assert.NotNull((await browser.FollowAsync(await browser.ApproveAsync(page.Document.QuerySelector("a.button")!.GetAttribute("href")!))).AccessCode);
    }

    /// <summary>A store that fails before it does what it is asked.</summary>
    private sealed class BrokenStore(ISessionStore store) : StoreDecorator(store)
    {
        public const string Message = "the response body with a token inside";

        public Func<string, bool> Fails { get; set; } = _ => false;

        /// <summary>Whether what was asked for is done all the same, and only the answer is lost.</summary>
        public bool Afterwards { get; init; }

        public Func<Exception> Failure { get; set; } = () => new RequestFailedException(503, Message);

        public override Task PrepareAsync(CancellationToken cancellation) => Task.CompletedTask;

        public override Task CheckAsync(CancellationToken cancellation) => CallAsync(nameof(CheckAsync), () => Done(base.CheckAsync(cancellation)));

        public override Task AddAsync(Session session, CancellationToken cancellation) =>
            CallAsync(nameof(AddAsync), () => Done(base.AddAsync(session, cancellation)));

        public override Task<Session?> FindAsync(SessionKey key, CancellationToken cancellation) =>
            CallAsync(nameof(FindAsync), () => base.FindAsync(key, cancellation));

        public override Task<Session?> TryUpdateAsync(Session session, CancellationToken cancellation) =>
            CallAsync(nameof(TryUpdateAsync), () => base.TryUpdateAsync(session, cancellation));

        public override Task<bool> TryAddAsync(Grant grant, CancellationToken cancellation) =>
            CallAsync(nameof(TryAddAsync), () => base.TryAddAsync(grant, cancellation));

        public override Task<Grant?> FindAsync(GrantKey key, CancellationToken cancellation) =>
            CallAsync(nameof(FindAsync), () => base.FindAsync(key, cancellation));

        public override Task<bool> TryTakeAsync(Grant grant, CancellationToken cancellation) =>
            CallAsync(nameof(TryTakeAsync), () => base.TryTakeAsync(grant, cancellation));

        private async Task<T> CallAsync<T>(string operation, Func<Task<T>> call)
        {
            var fails = Fails(operation);
            if (!fails)
                return await call();
            if (Afterwards)
                await call();
            throw Failure();
        }

        private static async Task<bool> Done(Task task)
        {
            await task;
            return true;
        }
    }
}
