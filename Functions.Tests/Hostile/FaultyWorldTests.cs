using System.Collections.Concurrent;
using System.Net;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using TokenBroker.Sessions;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Hostile;

/// <summary>Many sign-ins while one in five storage and provider calls goes wrong.</summary>
public sealed class FaultyWorldTests
{
    private const int SignIns = 1000;
    private const int FaultPercent = 20;

    [Fact]
    public async Task A_thousand_sign_ins_in_a_faulty_world_give_each_token_to_its_player_once_and_leave_nothing_behind()
    {
        var faults = new Faults();
        var sessions = await Azurite.NewTableAsync(faults.Options());
        var grants = await Azurite.NewTableAsync(faults.Options());
        var failures = await Azurite.NewTableAsync(faults.Options());
        await using var broker = await Broker.StartAsync(new TableSessionStore(sessions, grants, failures));
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
        faults.Percent = FaultPercent;

        var tokens = new ConcurrentBag<(string Token, string Player, string Expected)>();
        var outcomes = new ConcurrentDictionary<string, int>();
        await Parallel.ForEachAsync(Enumerable.Range(0, SignIns), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (number, _) =>
        {
            var player = $"player-{number}";
            var outcome = await SignInAsync(broker, player, tokens);
            outcomes.AddOrUpdate(outcome, 1, (_, count) => count + 1);
        });

        faults.Percent = 0;
        Assert.All(tokens, token => Assert.Equal(token.Expected, token.Player));
        Assert.Equal(tokens.Count, tokens.Select(token => token.Token).Distinct().Count());
        // Retries absorb most of it; the rest is told to start again.
        Assert.True(tokens.Count > SignIns / 2, string.Join(", ", outcomes.Select(outcome => $"{outcome.Key}: {outcome.Value}")));
        Assert.True(faults.Injected > SignIns, $"{faults.Injected} faults");
        broker.LifeScope.Misbehaviour = null;
        using var browser = broker.NewBrowser();
        Assert.NotEmpty(await browser.SignInAsync());
        broker.Time.Advance(TimeSpan.FromMinutes(20));
        await broker.Sweeper.SweepAsync(SessionSweeper.TimerLimit, default);
        Assert.Empty(await Dump.OfAsync(sessions) + await Dump.OfAsync(grants));
        Assert.Equal(0, await CountAsync(failures));
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
                return "ok";
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
        await foreach (var row in table.QueryAsync<FailureRow>())
            count++;
        return count;
    }

    /// <summary>Refuses a storage call, breaks it off, or does it and loses the answer.</summary>
    private sealed class Faults() : DelegatingHandler(new SocketsHttpHandler())
    {
        private readonly Random _random = new(11);
        private int _injected;

        public int Percent { get; set; }

        public int Injected => _injected;

        public TableClientOptions Options() => new() { Transport = new HttpClientTransport(this) };

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            int kind;
            lock (_random)
                kind = _random.Next(100) < Percent ? _random.Next(4) : -1;
            if (kind < 0)
                return await base.SendAsync(request, cancellationToken);
            Interlocked.Increment(ref _injected);
            switch (kind)
            {
                case 0:
                    return new(HttpStatusCode.ServiceUnavailable);
                case 1:
                    throw new HttpRequestException("The connection was reset.");
                case 2:
                    throw new TaskCanceledException("The call took too long.");
                default:
                    (await base.SendAsync(request, cancellationToken)).Dispose();
                    throw new HttpRequestException("The answer was lost.");
            }
        }
    }
}
