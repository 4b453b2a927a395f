using Azure;
using Microsoft.Extensions.DependencyInjection;
using TokenBroker.SignIns;
using TokenBroker.Storage;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.SignIns;

public sealed class FailureLimiterTests
{
    [Fact]
    public async Task After_ten_failed_codes_an_address_waits_until_the_window_has_passed()
    {
        await using var broker = await Broker.StartAsync(await Broker.NewTableStoreAsync());
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var code = await browser.SignInAsync();
        await FailAsync(game, 9);
        broker.Time.Advance(TimeSpan.FromSeconds(100));
        await FailAsync(game, 1);

        var stopped = await game.ExchangeAsync(Codes.New().Text);
        Assert.Equal((429, "too_many_attempts", "200"), (stopped.Status, stopped.Error, stopped.Response.Headers.RetryAfter!.ToString()));
        // A right code is not lost meanwhile; it waits like any other.
        Assert.Equal(429, (await game.ExchangeAsync(code)).Status);
        broker.Time.Advance(TimeSpan.FromSeconds(199));
        Assert.Equal("1", (await game.ExchangeAsync(code)).Response.Headers.RetryAfter!.ToString());

        broker.Time.Advance(TimeSpan.FromSeconds(1));
        using var again = broker.NewBrowser();
        Assert.Equal(200, (await game.ExchangeAsync(await again.SignInAsync())).Status);
    }

    [Fact]
    public async Task A_right_code_in_between_is_neither_lost_nor_a_reset()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        await FailAsync(game, 9);
        Assert.Equal(200, (await game.ExchangeAsync(await browser.SignInAsync())).Status);
        await FailAsync(game, 1);
        Assert.Equal(429, (await game.ExchangeAsync(Codes.New().Text)).Status);
    }

    [Fact]
    public async Task A_code_that_was_right_and_is_presented_again_is_no_guess()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var code = await browser.SignInAsync();
        Assert.Equal(200, (await game.ExchangeAsync(code)).Status);
        for (var number = 0; number < 30; number++)
            Assert.Equal(400, (await game.ExchangeAsync(code)).Status);
        Assert.Equal(400, (await game.ExchangeAsync(Codes.New().Text)).Status);
    }

    [Fact]
    public async Task A_wrong_verifier_and_a_malformed_code_count_and_a_missing_parameter_does_not()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var code = await browser.SignInAsync();
        for (var number = 0; number < 20; number++)
            Assert.Equal("invalid_request", (await game.GetAsync("/exchange-code")).Error);
        for (var number = 0; number < 5; number++)
        {
            Assert.Equal(400, (await game.GetAsync($"/exchange-code?access_code={code}&code_verifier={new string('v', 43)}")).Status);
            Assert.Equal(400, (await game.ExchangeAsync("malformed")).Status);
        }
        Assert.Equal(429, (await game.ExchangeAsync(code)).Status);
    }

    [Fact]
    public async Task Headers_that_the_caller_writes_have_no_effect()
    {
        await using var broker = await Broker.StartAsync();
        using var game = broker.NewGame();
        for (var number = 0; number < 10; number++)
            Assert.Equal(400, (await ExchangeFromAsync(game, $"203.0.113.{number}")).Status);
        Assert.Equal(429, (await ExchangeFromAsync(game, "203.0.113.99")).Status);
    }

    [Fact]
    public async Task Instances_count_together()
    {
        var store = await Broker.NewTableStoreAsync();
        await using var one = await Broker.StartAsync(store);
        await using var two = await Broker.StartAsync(store);
        using var gameOfOne = one.NewGame();
        using var gameOfTwo = two.NewGame();
        await FailAsync(gameOfOne, 9);
        await FailAsync(gameOfTwo, 1);
        Assert.Equal(429, (await gameOfTwo.ExchangeAsync(Codes.New().Text)).Status);
    }

    [Fact]
    public async Task While_storage_is_down_an_instance_counts_by_itself()
    {
        await using var broker = await Broker.StartAsync(new StoreWithoutFailures());
        using var game = broker.NewGame();
        await FailAsync(game, 10);
        Assert.Equal(429, (await game.ExchangeAsync(Codes.New().Text)).Status);
    }

    [Fact]
    public async Task What_an_instance_counted_alone_adds_to_what_the_others_counted()
    {
        var store = await Broker.NewTableStoreAsync();
        var troubled = new StoreWithoutFailures(store);
        await using var one = await Broker.StartAsync(troubled);
        await using var two = await Broker.StartAsync(store);
        using var gameOfOne = one.NewGame();
        using var gameOfTwo = two.NewGame();
        await FailAsync(gameOfOne, 4);
        await FailAsync(gameOfTwo, 5);
        troubled.IsDown = false;
        await FailAsync(gameOfOne, 1);
        Assert.Equal(429, (await gameOfOne.ExchangeAsync(Codes.New().Text)).Status);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(-2)]
    public async Task Instances_whose_clocks_differ_by_two_minutes_count_together(int minutes)
    {
        var store = await Broker.NewTableStoreAsync();
        await using var one = await Broker.StartAsync(store);
        await using var two = await Broker.StartAsync(store);
        // A minute before a bucket ends, where the two look into different ones.
        one.Time.SetUtcNow(DateTimeOffset.FromUnixTimeSeconds((one.Time.GetUtcNow().ToUnixTimeSeconds() / 300 * 300) + 600 - 60));
        two.Time.SetUtcNow(one.Time.GetUtcNow().AddMinutes(minutes));
        using var gameOfOne = one.NewGame();
        using var gameOfTwo = two.NewGame();
        await FailAsync(gameOfTwo, 9);
        await FailAsync(gameOfOne, 1);

        var stopped = await gameOfOne.ExchangeAsync(Codes.New().Text);

        Assert.Equal(429, stopped.Status);
        Assert.InRange(stopped.Response.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromMinutes(3), FailedCode.Window);
    }

    [Fact]
    public async Task A_failure_costs_one_write_and_a_success_none()
    {
        var counter = new OperationCounter();
        await using var broker = await Broker.StartAsync(await Broker.NewTableStoreAsync(counter));
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var code = await browser.SignInAsync();
        await broker.Sweeper.InBackground;
        counter.Reset();
        await game.ExchangeAsync(Codes.New().Text);
        Assert.Equal(["GET", "POST", "GET", "GET", "GET"], counter.Operations.Select(operation => operation.Split(' ')[0]));
        counter.Reset();
        // The second look at the app as a whole waits ten seconds.
        await game.ExchangeAsync(Codes.New().Text);
        Assert.Equal(["GET", "POST", "GET", "GET"], counter.Operations.Select(operation => operation.Split(' ')[0]));
        counter.Reset();
        await game.ExchangeAsync(code);
        Assert.Equal(["GET", "DELETE"], counter.Operations.Select(operation => operation.Split(' ')[0]));
    }

    [Fact]
    public async Task An_app_under_attack_from_many_addresses_gives_each_fewer_tries_and_locks_nobody_out()
    {
        var store = await Broker.NewTableStoreAsync();
        await using var broker = await Broker.StartAsync(store);
        await Parallel.ForEachAsync(Enumerable.Range(0, FailedCode.AttackThreshold), async (number, token) =>
            await store.AddFailureAsync($"tag{number}", "lifescope", FailedCode.New(broker.Time.GetUtcNow()), token));
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var code = await browser.SignInAsync();
        async Task<int> TryAsync(string app, string accessCode) =>
            (await game.GetAsync($"/exchange-code?access_code={accessCode}&app={app}")).Status;

        Assert.Equal(400, await TryAsync("lifescope", Codes.New().Text));
        Assert.Equal(400, await TryAsync("lifescope", Codes.New().Text));
        Assert.Equal(200, await TryAsync("lifescope", code));
        Assert.Equal(400, await TryAsync("lifescope", Codes.New().Text));
        Assert.Equal(429, await TryAsync("lifescope", Codes.New().Text));
        // The other apps are not attacked: there the address still has seven of its ten tries.
        Assert.Equal(400, await TryAsync("aura", Codes.New().Text));
    }

    [Fact]
    public async Task A_sudden_attack_is_noticed_by_the_failures_it_makes()
    {
        await using var broker = await Broker.StartAsync();
        var limiter = broker.Services.GetRequiredService<FailureLimiter>();
        // The clock stands still: no look is due by time.
        for (var address = 0; address < 120; address++)
        {
            for (var guess = 0; guess < FailureLimiter.MaxFailures; guess++)
            {
                using var attempt = await limiter.TryEnterAsync($"198.51.100.{address}", "lifescope", default);
                if (attempt is not null)
                    await attempt.FailedAsync();
            }
        }
        using var fourth = await limiter.TryEnterAsync("203.0.113.7", "lifescope", default);
        Assert.NotNull(fourth);
        await fourth.FailedAsync();
        for (var guess = 1; guess < FailureLimiter.MaxFailuresUnderAttack; guess++)
        {
            using var attempt = await limiter.TryEnterAsync("203.0.113.7", "lifescope", default);
            await attempt!.FailedAsync();
        }
        using var refused = await limiter.TryEnterAsync("203.0.113.7", "lifescope", default);
        Assert.Null(refused);
        Assert.Equal(FailedCode.Window, limiter.WaitOf("203.0.113.7", "lifescope"));
    }

    [Fact]
    public async Task A_failure_that_storage_is_slow_to_take_holds_up_no_right_code()
    {
        var store = new StoreWithSlowFailures();
        await using var broker = await Broker.StartAsync(store);
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var code = await browser.SignInAsync();
        var wrong = Enumerable.Range(0, 9).Select(_ => game.ExchangeAsync(Codes.New().Text)).ToList();
        await store.NineAreWaiting;
        Assert.Equal(200, (await game.ExchangeAsync(code)).Status);
        store.Release();
        Assert.All(await Task.WhenAll(wrong), reply => Assert.Equal(400, reply.Status));
    }

    [Fact]
    public async Task An_attack_is_noticed_by_every_instance_that_sees_it_and_is_over_with_its_last_failures()
    {
        var store = await Broker.NewTableStoreAsync();
        await using var one = await Broker.StartAsync(store);
        await using var two = await Broker.StartAsync(store);
        await Parallel.ForEachAsync(Enumerable.Range(0, FailedCode.AttackThreshold), async (number, token) =>
            await store.AddFailureAsync($"tag{number}", "lifescope", FailedCode.New(one.Time.GetUtcNow()), token));
        using var gameOfOne = one.NewGame();
        using var gameOfTwo = two.NewGame();
        async Task<int> TriesAsync(Game game)
        {
            for (var tries = 0; ; tries++)
            {
                if ((await game.GetAsync($"/exchange-code?access_code={Codes.New().Text}&app=lifescope")).Status == 429)
                    return tries;
            }
        }

        Assert.Equal(3, await TriesAsync(gameOfOne));
        // The other instance learns of the attack, and of the three failures before, with the next one.
        Assert.Equal(1, await TriesAsync(gameOfTwo));

        one.Time.Advance(FailedCode.Window);
        Assert.Equal(FailureLimiter.MaxFailures, await TriesAsync(gameOfOne));
    }

    [Fact]
    public async Task Players_behind_one_address_who_redeem_at_the_same_time_all_get_their_tokens()
    {
        await using var broker = await Broker.StartAsync(await Broker.NewTableStoreAsync());
        using var game = broker.NewGame();
        var codes = new List<string>();
        for (var player = 0; player < 30; player++)
        {
            using var browser = broker.NewBrowser();
            codes.Add(await browser.SignInAsync());
        }
        await FailAsync(game, 9);

        var replies = await Task.WhenAll(codes.Select(code => game.ExchangeAsync(code)));

        Assert.All(replies, reply => Assert.Equal(200, reply.Status));
    }

    [Fact]
    public void An_address_may_begin_very_many_sessions_but_not_more()
    {
        var time = Clock.New();
        var limiter = new SessionLimiter(time);
        for (var number = 0; number < SessionLimiter.MaxSessions; number++)
            Assert.True(limiter.TryBegin("203.0.113.7", out _));
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(limiter.TryBegin("203.0.113.7", out var wait));
        Assert.Equal(TimeSpan.FromMinutes(4), wait);
        Assert.True(limiter.TryBegin("203.0.113.8", out _));
        time.Advance(TimeSpan.FromMinutes(4));
        Assert.True(limiter.TryBegin("203.0.113.7", out _));
        for (var number = 0; number < 2 * SessionLimiter.MaxSessions; number++)
            Assert.True(limiter.TryBegin("127.0.0.1", out _));
    }

    [Fact]
    public async Task A_browser_that_began_too_many_sessions_is_told_how_long_to_wait()
    {
        const string frontDoor = "0f8fad5b-d9cb-469f-a165-70867728950e";
        await using var broker = await Broker.StartAsync(settings: new() { ["Broker:FrontDoorId"] = frontDoor });
        var limiter = broker.Services.GetRequiredService<SessionLimiter>();
        for (var number = 0; number < SessionLimiter.MaxSessions; number++)
            limiter.TryBegin("203.0.113.7", out _);
        using var browser = broker.NewBrowser();
        browser.Headers.Add("X-Azure-FDID", frontDoor);
        browser.Headers.Add("X-Azure-SocketIP", "203.0.113.7");

        var answer = await browser.GetAsync("/create-session?scopes=basic");

        Assert.Equal((429, "300"), (answer.Status, answer.Header("Retry-After")));
        Assert.Null(answer.Header("Set-Cookie"));
    }

    private static async Task FailAsync(Game game, int times)
    {
        for (var number = 0; number < times; number++)
            Assert.Equal(400, (await game.ExchangeAsync(Codes.New().Text)).Status);
    }

    private static async Task<Reply> ExchangeFromAsync(Game game, string address)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Get, new Uri($"/exchange-code?access_code={Codes.New().Text}", UriKind.Relative));
        request.Headers.Add("X-Forwarded-For", address);
        request.Headers.Add("X-Real-IP", address);
        request.Headers.Add("Forwarded", $"for={address}");
        return await game.SendAsync(request);
    }

    private sealed class StoreWithSlowFailures() : StoreDecorator(new MemorySessionStore())
    {
        private readonly TaskCompletionSource _nine = new();
        private readonly TaskCompletionSource _released = new();
        private int _waiting;

        public Task NineAreWaiting => _nine.Task;

        public void Release() => _released.SetResult();

        public override async Task<IReadOnlyList<FailedCode>> AddFailureAsync(
            string addressTag, string app, FailedCode failure, CancellationToken cancellation)
        {
            if (Interlocked.Increment(ref _waiting) == 9)
                _nine.SetResult();
            await _released.Task.WaitAsync(cancellation);
            return await base.AddFailureAsync(addressTag, app, failure, cancellation);
        }
    }

    private sealed class StoreWithoutFailures(ISessionStore? store = null) : StoreDecorator(store ?? new MemorySessionStore())
    {
        public bool IsDown { get; set; } = true;

        public override Task<IReadOnlyList<FailedCode>> AddFailureAsync(
            string addressTag, string app, FailedCode failure, CancellationToken cancellation) =>
            IsDown
                ? Task.FromException<IReadOnlyList<FailedCode>>(new RequestFailedException(503, "down"))
                : base.AddFailureAsync(addressTag, app, failure, cancellation);
    }
}
