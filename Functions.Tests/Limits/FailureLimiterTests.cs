using Azure;
using TokenBroker.Sessions;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Limits;

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

        var stopped = await game.ExchangeAsync(AccessCode.New().Text);
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
        Assert.Equal(429, (await game.ExchangeAsync(AccessCode.New().Text)).Status);
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
        Assert.Equal(400, (await game.ExchangeAsync(AccessCode.New().Text)).Status);
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
        Assert.Equal(429, (await gameOfTwo.ExchangeAsync(AccessCode.New().Text)).Status);
    }

    [Fact]
    public async Task While_storage_is_down_an_instance_counts_by_itself()
    {
        await using var broker = await Broker.StartAsync(new StoreWithoutFailures());
        using var game = broker.NewGame();
        await FailAsync(game, 10);
        Assert.Equal(429, (await game.ExchangeAsync(AccessCode.New().Text)).Status);
    }

    [Fact]
    public async Task A_failure_costs_one_write_and_a_success_none()
    {
        var counter = new OperationCounter();
        await using var broker = await Broker.StartAsync(await Broker.NewTableStoreAsync(counter));
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var code = await browser.SignInAsync();
        await broker.Sweeper.Beside;
        counter.Reset();
        await game.ExchangeAsync(AccessCode.New().Text);
        Assert.Equal(["GET", "POST", "GET"], counter.Operations.Select(operation => operation.Split(' ')[0]));
        counter.Reset();
        await game.ExchangeAsync(code);
        Assert.Equal(["GET", "DELETE"], counter.Operations.Select(operation => operation.Split(' ')[0]));
    }

    private static async Task FailAsync(Game game, int times)
    {
        for (var number = 0; number < times; number++)
            Assert.Equal(400, (await game.ExchangeAsync(AccessCode.New().Text)).Status);
    }

    private static async Task<Reply> ExchangeFromAsync(Game game, string address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"/exchange-code?access_code={AccessCode.New().Text}", UriKind.Relative));
        request.Headers.Add("X-Forwarded-For", address);
        request.Headers.Add("X-Real-IP", address);
        request.Headers.Add("Forwarded", $"for={address}");
        return await game.SendAsync(request);
    }

    private sealed class StoreWithoutFailures() : StoreDecorator(new MemorySessionStore())
    {
        public override Task<IReadOnlyList<DateTimeOffset>> AddFailureAsync(string address, DateTimeOffset now, CancellationToken cancellation) =>
            Task.FromException<IReadOnlyList<DateTimeOffset>>(new RequestFailedException(503, "down"));
    }
}
