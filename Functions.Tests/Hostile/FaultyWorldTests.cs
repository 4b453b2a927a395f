using System.Collections.Concurrent;
using Azure.Data.Tables;
using TokenBroker.Storage;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Hostile;

/// <summary>Many sign-ins while one in five storage and provider calls goes wrong.</summary>
public sealed class FaultyWorldTests
{
    private const int SignIns = 1000;
    private const int FaultPercent = 20;
    private const int MaxAttempts = 20;
    private const string Ok = "ok";

    /// <summary>
    /// What a player may be told: storage is out of order (503); the provider is (502); the sign-in is still being finished (202); the
    /// answer that the token was taken got lost, so that nobody has it (400 from exchange-code).
    /// </summary>
    private static readonly string[] Expected =
        [Ok, "create-session 503", "complete 202", "complete 410", "complete 502", "complete 503", "exchange-code 400",
            "exchange-code 503"];

    [Fact]
    public async Task A_thousand_sign_ins_in_a_faulty_world_give_each_token_to_its_player_once_and_leave_nothing_behind()
    {
        var faults = new FaultyTransport();
        var dice = new Random(11);
        Fault[] kinds = [Fault.Unavailable, Fault.Reset, Fault.Timeout, Fault.LostAnswer];
        var sessions = await Azurite.NewTableAsync(faults.Options());
        var codes = await Azurite.NewTableAsync(faults.Options());
        var failures = await Azurite.NewTableAsync(faults.Options());
        await using var broker = await Broker.StartAsync(new TableSessionStore(sessions, codes, failures));
        var random = new Random(7);
        broker.LifeScope.Misbehaviour = async http =>
        {
            if (Chance(random))
            {
                http.Response.StatusCode = 503;
                return;
            }
            await broker.LifeScope.AnswerAsync(http);
        };
        faults.Next = () =>
        {
            lock (dice)
                return dice.Next(100) < FaultPercent ? kinds[dice.Next(kinds.Length)] : Fault.None;
        };

        var tokens = new ConcurrentBag<(string Token, string Player, string Expected)>();
        var outcomes = new ConcurrentDictionary<string, int>();
        var startedAgain = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, SignIns), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (number, _) =>
        {
            // Whatever happened to a sign-in, the player can begin another at once.
            for (var attempt = 0; attempt < MaxAttempts; attempt++)
            {
                var outcome = await SignInAsync(broker, $"player-{number}", tokens);
                // Time passes: what was given up ends after five minutes, and is swept while the others go on.
                broker.Time.Advance(TimeSpan.FromSeconds(1));
                if (number % 50 == 0)
                    await SweepAsync(broker);
                outcomes.AddOrUpdate(outcome, 1, (_, count) => count + 1);
                if (outcome == Ok)
                    return;
                Interlocked.Increment(ref startedAgain);
            }
        });

        faults.Next = () => Fault.None;
        var summary = string.Join(", ", outcomes.Select(outcome => $"{outcome.Key}: {outcome.Value}"));
        Assert.Empty(outcomes.Keys.Except(Expected));
        // Every player has a token in the end. Retries absorb most faults: at most every second player had to begin again.
        Assert.True(tokens.Count == SignIns, summary);
        Assert.True(startedAgain < SignIns / 2, summary);
        Assert.All(tokens, token => Assert.Equal(token.Expected, token.Player));
        Assert.Equal(tokens.Count, tokens.Select(token => token.Token).Distinct().Count());
        Assert.True(faults.Injected > SignIns, $"{faults.Injected} faults");
        broker.LifeScope.Misbehaviour = null;
        using var browser = broker.NewBrowser();
        Assert.NotEmpty(await browser.SignInAsync());
        broker.Time.Advance(TimeSpan.FromMinutes(20));
        await broker.Sweeper.SweepAsync(Sweeper.TimerLimit, default);
        Assert.Empty(await Dump.OfAsync(sessions) + await Dump.OfAsync(codes));
        Assert.Equal(0, await CountAsync(failures));
    }

    private static async Task SweepAsync(Broker broker)
    {
        try
        {
            // Not by the sweeper, which waits for one that is at work: here the clock stands still in between.
            await broker.Store.SweepAsync(broker.Time.GetUtcNow(), Sweeper.TimerLimit, default);
        }
        catch (Exception exception) when (exception
            is Azure.RequestFailedException or AggregateException or HttpRequestException or OperationCanceledException)
        {
            // A sweep meets faults too; the next goes on.
        }
    }

    /// <summary>One player's way, who tries again where the broker says that this helps.</summary>
    private static async Task<string> SignInAsync(Broker broker, string player, ConcurrentBag<(string, string, string)> tokens)
    {
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var start = await browser.GetAsync("/create-session?scopes=basic");
        if (start.Status != 302)
            return $"create-session {start.Status}";
        var back = await browser.DecideAsync(await browser.FollowAsync(start), "approve", player);
        var page = await browser.OpenAsync(back.Location!);
        for (var reload = 0; page.AccessCode is null && reload < 3; reload++)
            page = await browser.OpenAsync(back.Location!);
        if (page.AccessCode is not { } code)
            return $"complete {page.Status}";

        for (var attempt = 0; attempt < 5; attempt++)
        {
            var reply = await game.ExchangeAsync(code);
            if (reply.Status == 200)
            {
                tokens.Add((reply.OAuthToken!, reply.Json.GetProperty("extra").GetProperty("connection_id_string").GetString()!, player));
                Assert.NotEqual(200, (await game.ExchangeAsync(code)).Status);
                return Ok;
            }
            if (reply.Status != 503)
                return $"exchange-code {reply.Status}";
        }
        return "exchange-code 503";
    }

    private static bool Chance(Random random)
    {
        lock (random)
            return random.Next(100) < FaultPercent;
    }

    private static async Task<int> CountAsync(TableClient table)
    {
        var count = 0;
        await foreach (var row in table.QueryAsync<TableEntity>())
            count++;
        return count;
    }
}
