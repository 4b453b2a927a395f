using Azure;
using Azure.Data.Tables;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Moq;
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
        Assert.InRange(stopped.Response.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromMinutes(3), Failure.Window);
    }

    [Fact]
    public async Task A_failure_costs_one_write_and_two_reads_and_a_success_none()
    {
        var counter = new OperationCounter();
        await using var broker = await Broker.StartAsync(await Broker.NewTableStoreAsync(counter));
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var code = await browser.SignInAsync();
        await broker.Sweeper.InBackground;
        for (var number = 0; number < 2; number++)
        {
            counter.Reset();
            await game.ExchangeAsync(Codes.New().Text);
            Assert.Equal(["GET", "PATCH", "GET", "GET"], counter.Operations.Select(operation => operation.Split(' ')[0]));
        }
        counter.Reset();
        await game.ExchangeAsync(code);
        Assert.Equal(["GET", "DELETE"], counter.Operations.Select(operation => operation.Split(' ')[0]));
    }

    [Fact]
    public async Task A_flood_of_wrong_codes_costs_each_of_them_three_operations_and_each_address_a_row()
    {
        const int addresses = 10_000;
        var table = new CountingTable();
        var time = Clock.New();
        // In the middle of a time bucket.
        time.SetUtcNow(DateTimeOffset.FromUnixTimeSeconds((time.GetUtcNow().ToUnixTimeSeconds() / 300 * 300) + 60));
        var limiter = new FailureLimiter(
            new TableSessionStore(table, table, table), new FakeSecrets(), time, NullLogger<FailureLimiter>.Instance);
        for (var address = 0; address < addresses; address++)
        {
            for (var guess = 0; guess < FailureLimiter.MaxWrongCodes; guess++)
            {
                using var attempt = await limiter.TryEnterAsync(FailureKind.AccessCode, $"{address}", default);
                await attempt!.FailedAsync();
            }
            Assert.Null(await limiter.TryEnterAsync(FailureKind.AccessCode, $"{address}", default));
        }
        const int failures = addresses * FailureLimiter.MaxWrongCodes;
        Assert.Equal((failures, 2 * failures, addresses), (table.Writes, table.Reads, table.Rows));
    }

    [Fact]
    public async Task Each_kind_of_failure_is_counted_apart()
    {
        var limiter = new FailureLimiter(new MemorySessionStore(), new FakeSecrets(), Clock.New(), NullLogger<FailureLimiter>.Instance);
        foreach (var kind in Enum.GetValues<FailureKind>())
        {
            var most = kind is FailureKind.AccessCode or FailureKind.UserCode or FailureKind.LinkedUserCode ? 10 : 30;
            for (var number = 0; number < most; number++)
            {
                using var attempt = await limiter.TryEnterAsync(kind, "203.0.113.7", default);
                await attempt!.FailedAsync();
            }
            Assert.Null(await limiter.TryEnterAsync(kind, "203.0.113.7", default));
            Assert.Equal(Failure.Window, limiter.WaitOf(kind, "203.0.113.7"));
        }
    }

    [Fact]
    public async Task Wrong_user_codes_keep_nobody_from_redeeming_an_access_code_nor_the_other_way_round()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var code = await browser.SignInAsync();
        for (var number = 0; number < 10; number++)
            Assert.Equal(400, (await browser.GetAsync("/device?user_code=BCDFGHJK")).Status);
        Assert.Equal(429, (await browser.GetAsync("/device?user_code=BCDFGHJK")).Status);
        Assert.Equal(200, (await game.ExchangeAsync(code)).Status);

        await using var other = await Broker.StartAsync();
        using var otherBrowser = other.NewBrowser();
        using var otherGame = other.NewGame();
        await FailAsync(otherGame, 10);
        Assert.Equal(429, (await otherGame.ExchangeAsync(Codes.New().Text)).Status);
        var device = await otherGame.StartDeviceAsync();
        Assert.Equal(200, (await otherBrowser.GetAsync(device.Text("verification_uri_complete")!)).Status);
    }

    [Fact]
    public async Task Who_waits_for_a_turn_and_goes_away_takes_none()
    {
        var limiter = new FailureLimiter(new MemorySessionStore(), new FakeSecrets(), Clock.New(), NullLogger<FailureLimiter>.Instance);
        var running = new List<FailureLimiter.Attempt>();
        for (var number = 0; number < 10; number++)
            running.Add((await limiter.TryEnterAsync(FailureKind.AccessCode, "203.0.113.7", default))!);
        using var gone = new CancellationTokenSource();
        var cancelled = limiter.TryEnterAsync(FailureKind.AccessCode, "203.0.113.7", gone.Token);
        var waiting = limiter.TryEnterAsync(FailureKind.AccessCode, "203.0.113.7", default);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.False(waiting.IsCompleted);
        running[0].Succeeded();
        Assert.NotNull(await waiting);
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

        public override async Task<IReadOnlyList<Failure>> AddFailureAsync(
            string tag, Failure failure, CancellationToken cancellation)
        {
            if (Interlocked.Increment(ref _waiting) == 9)
                _nine.SetResult();
            await _released.Task.WaitAsync(cancellation);
            return await base.AddFailureAsync(tag, failure, cancellation);
        }
    }

    private sealed class StoreWithoutFailures(ISessionStore? store = null) : StoreDecorator(store ?? new MemorySessionStore())
    {
        public bool IsDown { get; set; } = true;

        public override Task<IReadOnlyList<Failure>> AddFailureAsync(
            string tag, Failure failure, CancellationToken cancellation) =>
            IsDown
                ? Task.FromException<IReadOnlyList<Failure>>(new RequestFailedException(503, "down"))
                : base.AddFailureAsync(tag, failure, cancellation);
    }

    /// <summary>A table that counts, since so many calls take minutes over the wire. Whatever else is asked of it fails.</summary>
    private sealed class CountingTable : TableClient
    {
        private readonly Dictionary<(string, string), TableEntity> _rows = [];

        public int Reads { get; private set; }

        public int Writes { get; private set; }

        public int Rows => _rows.Count;

        public override Task<Response> UpsertEntityAsync<T>(T entity, TableUpdateMode mode, CancellationToken cancellationToken)
        {
            Writes++;
            var row = (TableEntity)(ITableEntity)entity;
            var stored = _rows.GetValueOrDefault((row.PartitionKey, row.RowKey), row);
            foreach (var (column, value) in row.ToList())
                stored[column] = value;
            _rows[(row.PartitionKey, row.RowKey)] = stored;
            return Task.FromResult(Mock.Of<Response>());
        }

        public override Task<NullableResponse<T>> GetEntityIfExistsAsync<T>(
            string partitionKey, string rowKey, IEnumerable<string>? select, CancellationToken cancellationToken)
        {
            Reads++;
            var found = new Mock<NullableResponse<T>>();
            if (_rows.TryGetValue((partitionKey, rowKey), out var row))
            {
                found.SetupGet(response => response.HasValue).Returns(true);
                found.SetupGet(response => response.Value).Returns((T)(object)row);
            }
            return Task.FromResult(found.Object);
        }
    }
}
