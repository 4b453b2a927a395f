using Azure;
using Microsoft.Extensions.DependencyInjection;
using TokenBroker.Secrets;
using TokenBroker.Storage;
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
        var reply = await game.ExchangeAsync(Codes.New().Text);
        var health = await game.GetAsync("/health");

        Assert.Equal((503, "Sign-in is not available right now"), (page.Status, page.Heading));
        Assert.Equal((503, "temporarily_unavailable", "5"), (reply.Status, reply.Error, reply.Response.Headers.RetryAfter?.ToString()));
        Assert.Equal((503, "unavailable", "ok"), (health.Status, health.Text("storage"), health.Text("secrets")));
        Assert.DoesNotContain(BrokenStore.Message, page.Body + reply.Body + health.Body + broker.LogText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unexpected_failure_is_500_in_the_form_of_its_audience()
    {
        var store = new BrokenStore(new MemorySessionStore())
        {
            Fails = _ => true,
            Failure = () =>
            new InvalidOperationException(BrokenStore.Message)
        };
        await using var broker = await Broker.StartAsync(store);
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var page = await browser.GetAsync("/create-session?scopes=basic");
        var reply = await game.ExchangeAsync(Codes.New().Text);
        Assert.Equal((500, "Something went wrong"), (page.Status, page.Heading));
        Assert.Equal((500, "server_error"), (reply.Status, reply.Error));
        Assert.DoesNotContain(BrokenStore.Message, page.Body + reply.Body + broker.LogText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redemption_that_storage_refuses_loses_nothing()
    {
        var store = new BrokenStore(new MemorySessionStore());
        await using var broker = await Broker.StartAsync(store);
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var code = await browser.SignInAsync();
        store.Fails = operation => operation == nameof(ISessionStore.TryRedeemAsync);
        Assert.Equal(503, (await game.ExchangeAsync(code)).Status);
        store.Fails = _ => false;
        Assert.Equal(200, (await game.ExchangeAsync(code)).Status);
    }

    /// <summary>The process dies at the n-th storage call of a sign-in; another instance carries on with the same tables.</summary>
    /// <param name="killedAt">Which call: add; find, claim, add the code entry; find it for the page; find it again, redeem it.</param>
    /// <param name="afterwards">Whether storage did what was asked, and only the answer reached nobody.</param>
    /// <param name="tokens">Whether the player gets a token from the sign-in all the same, by trying again.</param>
    [Theory]
    [InlineData(1, false, 0)]
    [InlineData(1, true, 0)]
    [InlineData(2, false, 1)]
    [InlineData(2, true, 1)]
    [InlineData(3, false, 1)]
    [InlineData(3, true, 0)]
    [InlineData(4, false, 0)]
    [InlineData(4, true, 1)]
    [InlineData(5, false, 1)]
    [InlineData(5, true, 1)]
    [InlineData(6, false, 1)]
    [InlineData(6, true, 1)]
    [InlineData(7, false, 1)]
    [InlineData(7, true, 0)]
    public async Task Killing_the_process_before_or_after_any_storage_call_yields_no_token_twice_and_leaves_no_row(
        int killedAt, bool afterwards, int tokens)
    {
        var sessions = await Azurite.NewTableAsync();
        var codes = await Azurite.NewTableAsync();
        var tables = new TableSessionStore(sessions, codes, await Azurite.NewTableAsync());
        var calls = 0;
        var store = new BrokenStore(tables) { Fails = _ => ++calls >= killedAt, Afterwards = afterwards };
        await using var dying = await Broker.StartAsync(store);
        await using var next = await Broker.StartAsync(tables, new()
        {
            ["Broker:PublicUrl"] = dying.Url.AbsoluteUri,
            ["Apps:lifescope:ClientSecret"] = dying.LifeScope.ClientSecret,
            ["Apps:lifescope:AuthorizationEndpoint"] = new Uri(dying.LifeScope.Url, "/auth").AbsoluteUri,
            ["Apps:lifescope:TokenEndpoint"] = new Uri(dying.LifeScope.Url, "/auth/access_token").AbsoluteUri,
        });
        next.Time.SetUtcNow(dying.Time.GetUtcNow());
        calls = 0;
        using var browser = dying.NewBrowser();
        using var game = dying.NewGame();
        using var nextGame = next.NewGame();
        string AtNext(string url) => new Uri(next.Url, new Uri(dying.Url, url).PathAndQuery).AbsoluteUri;

        var start = await browser.GetAsync("/create-session?scopes=basic");
        var got = new List<string>();
        if (start.Status == 302)
        {
            var back = (await browser.DecideAsync(await browser.FollowAsync(start), "approve")).Location!;
            var page = await browser.GetAsync(back);
            page = page.Status == 303 ? await browser.OpenAsync("/complete") : page;
            var code = page.AccessCode ?? (await ReloadAsync(AtNext(back))).AccessCode;
            foreach (var redeeming in code is null ? [] : new[] { game, nextGame, nextGame })
            {
                if ((await redeeming.ExchangeAsync(code!)).OAuthToken is { } token)
                    got.Add(token);
            }
        }

        Assert.True(calls >= killedAt, $"only {calls} calls");
        Assert.Equal(tokens, got.Count);
        // The next sign-in works, from the beginning.
        using var another = dying.NewBrowser();
        var again = await another.FollowAsync(await another.GetAsync(AtNext("/create-session?scopes=basic")));
        var shown = await another.GetAsync(AtNext((await another.DecideAsync(again, "approve")).Location!));
        Assert.Equal(200, (await nextGame.ExchangeAsync((await another.GetAsync(AtNext(shown.Location!))).AccessCode!)).Status);
        next.Time.Advance(TimeSpan.FromMinutes(7));
        await next.Sweeper.SweepAsync(100, default);
        Assert.Empty(await Dump.OfAsync(sessions) + await Dump.OfAsync(codes));

        async Task<Answer> ReloadAsync(string url)
        {
            var answer = await browser.GetAsync(url);
            return answer.Status == 303 ? await browser.GetAsync(AtNext(answer.Location!)) : answer;
        }
    }

    [Fact]
    public async Task After_a_kill_between_claim_and_grant_the_player_is_told_to_start_again()
    {
        var store = new BrokenStore(new MemorySessionStore())
        {
            Fails = operation =>
            operation == nameof(ISessionStore.TryAddEntryAsync)
        };
        await using var broker = await Broker.StartAsync(store);
        using var browser = broker.NewBrowser();
        var back = await browser.ApproveAsync("/create-session?scopes=basic");
        Assert.Equal(503, (await browser.GetAsync(back.Location!)).Status);

        Assert.Equal(202, (await browser.OpenAsync(back.Location!)).Status);
        broker.Time.Advance(Session.MaxCompletionTime);
        var page = await browser.OpenAsync(back.Location!);

        Assert.Equal((410, "This sign-in has ended"), (page.Status, page.Heading));
        Assert.Null(page.AccessCode);
        store.Fails = _ => false;
        Assert.NotNull((await browser.FollowAsync(
            await browser.ApproveAsync(page.Document.QuerySelector("a.button")!.GetAttribute("href")!))).AccessCode);
    }

    [Theory]
    [InlineData(0, 1, 2)]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Tables_that_vanish_are_made_again_by_the_next_sign_in(params int[] missing)
    {
        var azurite = await Azurite.GetAsync();
        var tables = Enumerable.Range(0, 3).Select(_ => azurite.Table($"t{Guid.NewGuid():N}")).ToArray();
        for (var table = 0; table < tables.Length; table++)
        {
            if (!missing.Contains(table))
                await tables[table].CreateIfNotExistsAsync();
        }
        await using var broker = await Broker.StartAsync(new BlindStore(new TableSessionStore(tables[0], tables[1], tables[2])));
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        Assert.Equal(503, (await game.GetAsync("/health")).Status);
        Assert.Equal(200, (await game.ExchangeAsync(await browser.SignInAsync())).Status);
    }

    [Theory]
    [InlineData(nameof(Fault.Unauthorized))]
    [InlineData(nameof(Fault.Forbidden))]
    [InlineData(nameof(Fault.Throttled))]
    [InlineData(nameof(Fault.ServerError))]
    [InlineData(nameof(Fault.Unavailable))]
    [InlineData(nameof(Fault.Reset))]
    [InlineData(nameof(Fault.Timeout))]
    public async Task Whatever_goes_wrong_with_storage_is_an_outage_that_costs_nobody_a_code(string fault)
    {
        var transport = new FaultyTransport();
        await using var broker = await Broker.StartAsync(new TableSessionStore(
            await Azurite.NewTableAsync(transport.Options()), await Azurite.NewTableAsync(transport.Options()),
                await Azurite.NewTableAsync(transport.Options())));
        using var browser = broker.NewBrowser();
        using var late = broker.NewBrowser();
        using var game = broker.NewGame();
        var code = await browser.SignInAsync();
        var back = await late.ApproveAsync("/create-session?scopes=basic");
        await broker.Sweeper.InBackground;

        transport.Next = () => Enum.Parse<Fault>(fault);
        var reply = await game.ExchangeAsync(code);
        Assert.Equal((503, "temporarily_unavailable"), (reply.Status, reply.Error));
        Assert.Equal(503, (await late.GetAsync(back.Location!)).Status);
        using var starting = broker.NewBrowser();
        Assert.Equal(503, (await starting.GetAsync("/create-session?scopes=basic")).Status);
        Assert.Equal(503, (await game.GetAsync("/health")).Status);

        transport.Next = () => Fault.None;
        Assert.Equal(200, (await game.ExchangeAsync(code)).Status);
        Assert.Equal(200, (await game.ExchangeAsync((await late.OpenAsync(back.Location!)).AccessCode!)).Status);
    }

    /// <summary>Every write of a sign-in is done, and the answer lost; the client's own retry meets what it did before.</summary>
    [Fact]
    public async Task Answers_that_get_lost_cost_a_sign_in_nothing_until_the_token_is_taken()
    {
        var transport = new FaultyTransport();
        await using var broker = await Broker.StartAsync(new TableSessionStore(
            await Azurite.NewTableAsync(transport.Options()), await Azurite.NewTableAsync(transport.Options()),
                await Azurite.NewTableAsync(transport.Options())));
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        // The first create-session of an instance sweeps beside itself; its calls must not come between those that are counted.
        await browser.GetAsync("/create-session?scopes=basic");
        await broker.Sweeper.InBackground;
        var call = 0;
        transport.Next = () => call++ % 2 == 0 ? Fault.LostAnswer : Fault.None;

        var code = await browser.SignInAsync();

        Assert.True(transport.Injected >= 4, $"{transport.Injected} lost answers");
        // The delete whose answer is lost gives the token to nobody, which beats giving it twice.
        Assert.Equal("invalid_grant", (await game.ExchangeAsync(code)).Error);
        Assert.Equal("invalid_grant", (await game.ExchangeAsync(code)).Error);
        transport.Next = () => Fault.None;
        Assert.Equal(200, (await game.ExchangeAsync(await browser.SignInAsync())).Status);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(-2)]
    public async Task Instances_whose_clocks_differ_by_two_minutes_finish_each_other_s_sign_ins(int minutes)
    {
        var store = await Broker.NewTableStoreAsync();
        await using var one = await Broker.StartAsync(store);
        await using var two = await Broker.StartAsync(store, new()
        {
            ["Broker:PublicUrl"] = one.Url.AbsoluteUri,
            ["Apps:lifescope:ClientSecret"] = one.LifeScope.ClientSecret,
            ["Apps:lifescope:TokenEndpoint"] = new Uri(one.LifeScope.Url, "/auth/access_token").AbsoluteUri,
        });
        two.Time.SetUtcNow(one.Time.GetUtcNow().AddMinutes(10));
        one.Time.SetUtcNow(two.Time.GetUtcNow().AddMinutes(-minutes));
        using var browser = one.NewBrowser();
        using var game = one.NewGame();
        var back = await browser.ApproveAsync("/create-session?scopes=basic");

        var page = await browser.OpenAsync(new Uri(two.Url, new Uri(back.Location!).PathAndQuery).AbsoluteUri);

        Assert.Equal(200, (await game.ExchangeAsync(page.AccessCode!)).Status);
        // A sweep by the fast clock takes nothing that the slow one still serves within its five minutes less the difference.
        using var another = one.NewBrowser();
        var code = await another.SignInAsync();
        await two.Sweeper.SweepAsync(100, default);
        Assert.Equal(200, (await game.ExchangeAsync(code)).Status);
    }

    [Fact]
    public async Task A_game_that_goes_away_while_it_redeems_doubles_nothing_and_the_next_sign_in_works()
    {
        var store = new StoreWithHeldTake();
        await using var broker = await Broker.StartAsync(store);
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var code = await browser.SignInAsync();
        using var patience = new CancellationTokenSource();
        using var leaving = new HttpClient { BaseAddress = broker.Url };
        var asking = leaving.GetAsync(new Uri($"/exchange-code?access_code={code}", UriKind.Relative), patience.Token);
        await store.Entered;
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        store.Release();

        await store.Left;
        Assert.Equal("invalid_grant", (await game.ExchangeAsync(code)).Error);
        Assert.Equal(200, (await game.ExchangeAsync(await browser.SignInAsync())).Status);
    }

    [Fact]
    public async Task A_shutdown_waits_for_the_sign_in_that_is_being_finished()
    {
        var store = await Broker.NewTableStoreAsync();
        await using var broker = await Broker.StartAsync(store);
        await using var next = await Broker.StartAsync(store);
        using var browser = broker.NewBrowser();
        var (arrived, released) = (new TaskCompletionSource(), new TaskCompletionSource());
        broker.LifeScope.Misbehaviour = async http =>
        {
            arrived.SetResult();
            await released.Task;
            await broker.LifeScope.AnswerAsync(http);
        };
        var back = await browser.ApproveAsync("/create-session?scopes=basic");
        var finishing = browser.GetAsync(back.Location!);
        await arrived.Task;

        var stopping = broker.StopAsync();
        released.SetResult();

        Assert.Equal(303, (await finishing).Status);
        await stopping;
        using var game = next.NewGame();
        var page = await browser.GetAsync(new Uri(next.Url, "/complete").AbsoluteUri);
        Assert.Equal(200, (await game.ExchangeAsync(page.AccessCode!)).Status);
    }

    [Fact]
    public async Task A_shutdown_waits_for_the_redemption_in_flight()
    {
        var store = new StoreWithHeldTake();
        await using var broker = await Broker.StartAsync(store);
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var redeeming = game.ExchangeAsync(await browser.SignInAsync());
        await store.Entered;
        var stopping = broker.StopAsync();
        store.Release();
        Assert.Equal(200, (await redeeming).Status);
        await stopping;
    }

    [Fact]
    public async Task A_vault_that_is_down_costs_a_reload_and_no_sign_in()
    {
        var secrets = new FakeSecrets();
        await using var broker = await Broker.StartAsync(configure: services => services.AddSingleton<ISecrets>(secrets));
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        // Down at start: the first steps need no client secret.
        var back = await browser.ApproveAsync("/create-session?scopes=basic");
        Assert.Equal((503, "Sign-in is not available right now"), await PageAsync(browser.GetAsync(back.Location!)));
        Assert.Equal(0, broker.LifeScope.TokenRequests);

        secrets.ClientSecret = broker.LifeScope.ClientSecret;
        var code = (await browser.OpenAsync(back.Location!)).AccessCode!;
        // Down again: what is waiting needs no vault, and a refresh that does is told to try again.
        secrets.ClientSecret = null;
        var reply = await game.ExchangeAsync(code);
        Assert.Equal(200, reply.Status);
        Assert.Equal((503, "temporarily_unavailable"), await ErrorAsync(game.RefreshAsync("lifescope", reply.Text("refresh_token")!)));
        secrets.ClientSecret = broker.LifeScope.ClientSecret;
        Assert.Equal(200, (await game.RefreshAsync("lifescope", reply.Text("refresh_token")!)).Status);
    }

    [Fact]
    public async Task Without_a_protection_key_nothing_is_spent()
    {
        var secrets = new FakeSecrets();
        await using var broker = await Broker.StartAsync(configure: services => services.AddSingleton<ISecrets>(secrets));
        secrets.ClientSecret = broker.LifeScope.ClientSecret;
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var back = await browser.ApproveAsync("/create-session?scopes=basic");
        secrets.HasKeys = false;
        Assert.Equal(503, (await browser.GetAsync(back.Location!)).Status);
        Assert.Equal((503, "temporarily_unavailable"), await ErrorAsync(game.ExchangeAsync(Codes.New().Text)));
        Assert.Equal((503, "temporarily_unavailable"), await ErrorAsync(game.StartDeviceAsync()));
        Assert.Equal(0, broker.LifeScope.TokenRequests);
        secrets.HasKeys = true;
        Assert.Equal(200, (await game.ExchangeAsync((await browser.OpenAsync(back.Location!)).AccessCode!)).Status);
    }

    [Fact]
    public async Task A_sweep_by_a_clock_that_is_ahead_takes_no_sign_in_that_is_being_finished()
    {
        var (sessions, codes) = (await Azurite.NewTableAsync(), await Azurite.NewTableAsync());
        var tables = new TableSessionStore(sessions, codes, await Azurite.NewTableAsync());
        await using var slow = await Broker.StartAsync(tables);
        await using var fast = await Broker.StartAsync(tables);
        using var browser = slow.NewBrowser();
        using var game = slow.NewGame();
        var back = await browser.ApproveAsync("/create-session?scopes=basic");
        slow.Time.Advance(TimeSpan.FromMinutes(4));
        fast.Time.SetUtcNow(slow.Time.GetUtcNow().AddMinutes(2));
        slow.LifeScope.Misbehaviour = async http =>
        {
            await fast.Sweeper.SweepAsync(100, default);
            await slow.LifeScope.AnswerAsync(http);
        };
        Assert.Equal(200, (await game.ExchangeAsync((await browser.OpenAsync(back.Location!)).AccessCode!)).Status);
        fast.Time.Advance(TimeSpan.FromMinutes(3));
        await fast.Sweeper.SweepAsync(100, default);
        Assert.Empty(await Dump.OfAsync(sessions) + await Dump.OfAsync(codes));
    }

    private static async Task<(int Status, string Heading)> PageAsync(Task<Answer> asking)
    {
        var answer = await asking;
        return (answer.Status, answer.Heading);
    }

    private static async Task<(int Status, string? Error)> ErrorAsync(Task<Reply> asking)
    {
        var reply = await asking;
        return (reply.Status, reply.Error);
    }

    /// <summary>A store that does not prepare itself.</summary>
    private sealed class BlindStore(ISessionStore store) : StoreDecorator(store)
    {
        public override Task PrepareAsync(CancellationToken cancellation) => Task.CompletedTask;
    }

    private sealed class StoreWithHeldTake() : StoreDecorator(new MemorySessionStore())
    {
        private readonly TaskCompletionSource _entered = new();
        private readonly TaskCompletionSource _held = new();
        private readonly TaskCompletionSource _left = new();

        public Task Entered => _entered.Task;

        public Task Left => _left.Task;

        public void Release() => _held.TrySetResult();

        public override async Task<bool> TryRedeemAsync(CodeEntry entry, CancellationToken cancellation)
        {
            _entered.TrySetResult();
            await _held.Task.WaitAsync(cancellation);
            var taken = await base.TryRedeemAsync(entry, cancellation);
            _left.TrySetResult();
            return taken;
        }
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

        public override Task CheckAsync(CancellationToken cancellation) =>
            CallAsync(nameof(CheckAsync), () => Done(base.CheckAsync(cancellation)));

        public override Task AddAsync(Session session, CancellationToken cancellation) =>
            CallAsync(nameof(AddAsync), () => Done(base.AddAsync(session, cancellation)));

        public override Task<Session?> FindAsync(SessionId id, CancellationToken cancellation) =>
            CallAsync(nameof(FindAsync), () => base.FindAsync(id, cancellation));

        public override Task<Session?> TryUpdateAsync(Session session, CancellationToken cancellation) =>
            CallAsync(nameof(TryUpdateAsync), () => base.TryUpdateAsync(session, cancellation));

        public override Task<bool> TryAddEntryAsync(CodeEntry entry, CancellationToken cancellation) =>
            CallAsync(nameof(TryAddEntryAsync), () => base.TryAddEntryAsync(entry, cancellation));

        public override Task<CodeEntry?> FindEntryAsync(string rowKey, CancellationToken cancellation) =>
            CallAsync(nameof(FindEntryAsync), () => base.FindEntryAsync(rowKey, cancellation));

        public override Task<bool> TryRedeemAsync(CodeEntry entry, CancellationToken cancellation) =>
            CallAsync(nameof(TryRedeemAsync), () => base.TryRedeemAsync(entry, cancellation));

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
