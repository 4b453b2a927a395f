using System.Globalization;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Cost;

/// <summary>What a request costs, told without a clock: so that a change that makes one dearer is noticed when it is made.</summary>
public sealed class CostTests
{
    /// <summary>
    /// The bytes that one request may allocate: half as much again as measured, in a debug build, with a new HTTP context each. A page
    /// built twice, a query parsed twice or a buffer that is no longer shared is more than that.
    /// </summary>
    private static readonly Dictionary<string, int> MostBytes = new()
    {
        ["create-session"] = 24_000,
        ["complete, callback"] = 29_000,
        ["complete, page"] = 27_000, // A cell for each character, the bar, and two links that begin again.
        ["exchange-code"] = 24_000,
        ["device-authorization"] = 22_000,
        ["token, poll"] = 16_000,
        ["device, page"] = 34_500, // Scopes in words, and three pictures.
    };

    [Fact]
    public async Task No_route_asks_more_of_storage_than_it_must()
    {
        var counter = new OperationCounter();
        await using var broker = await Broker.StartAsync(await Broker.NewTableStoreAsync(counter));
        using var browser = broker.NewBrowser();
        using var deviceBrowser = broker.NewBrowser();
        using var game = broker.NewGame();
        // The first create-session of an instance clears, and no other within five seconds.
        await browser.GetAsync("/create-session?scopes=basic");
        await broker.Sweeper.InBackground;

        await CostsAsync("POST", () => browser.GetAsync("/create-session?scopes=basic"));
        var back = await browser.ApproveAsync("/create-session?scopes=basic");
        await CostsAsync("GET PUT POST", () => browser.GetAsync(back.Location!));
        Answer page = null!;
        await CostsAsync("GET", async () => page = await browser.GetAsync("/complete"));
        await CostsAsync("GET", () => browser.GetAsync("/complete"));
        Reply tokens = null!;
        await CostsAsync("GET DELETE", async () => tokens = await game.ExchangeAsync(page.AccessCode!));
        await CostsAsync("GET GET", () => browser.GetAsync("/complete"));
        await CostsAsync("", () => game.RefreshAsync("lifescope", tokens.Text("refresh_token")!));
        await CostsAsync("", () => game.UserInfoAsync("lifescope", tokens.OAuthToken!));

        // By redirect: what an access code costs without its page, or less.
        var redirecting = new RedirectGame(game);
        Answer provider = null!;
        await CostsAsync("POST", async () => provider = await browser.GetAsync(redirecting.Address()));
        back = await browser.DecideAsync(await browser.FollowAsync(provider), "approve");
        Answer toGame = null!;
        await CostsAsync("GET PUT POST", async () => toGame = await browser.GetAsync(back.Location!));
        var code = redirecting.ParametersOf(toGame)["code"];
        await CostsAsync("GET", () => redirecting.RedeemAsync(code, ("code_verifier", new string('x', 43))));
        await CostsAsync("GET DELETE", () => redirecting.RedeemAsync(code));
        // The page on which the player chooses.
        await CostsAsync("", () => browser.GetAsync("/create-session?app=arcade"));

        Reply device = null!;
        await CostsAsync("POST POST", async () => device = await game.StartDeviceAsync());
        var link = device.Text("verification_uri_complete")!;
        await CostsAsync("GET", () => game.PollAsync(device));
        Answer question = null!;
        await CostsAsync("GET GET", async () => question = await deviceBrowser.GetAsync(link));
        Answer accepted = null!;
        await CostsAsync("GET GET PUT", async () => accepted = await deviceBrowser.AnswerDeviceAsync(question));
        var deviceBack = (await deviceBrowser.DecideAsync(await deviceBrowser.FollowAsync(accepted), "approve")).Location!;
        await CostsAsync("GET PUT POST", () => deviceBrowser.GetAsync(deviceBack));
        await CostsAsync("GET GET", () => deviceBrowser.GetAsync("/complete"));
        await CostsAsync("GET GET DELETE PUT", () => game.PollAsync(device));

        // One for each table.
        await CostsAsync("GET GET GET", () => game.GetAsync("/health"));
        using var stranger = broker.NewBrowser();
        foreach (var free in new[]
        {
            "/", "/device", "/openapi.json", "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration", "/authorize",
                "/complete", "/create-session?app=nobody",
                "/exchange-code",
        })
        {
            await CostsAsync("", () => stranger.GetAsync(free));
        }

        async Task CostsAsync(string operations, Func<Task> request)
        {
            counter.Reset();
            await request();
            Assert.Equal(operations, string.Join(' ', counter.Operations.Select(operation => operation.Split(' ')[0])));
        }
    }

    [Fact]
    public async Task No_route_allocates_more_than_its_share()
    {
        var (exitCode, output) = await Repository.RunAsync("dotnet", Benchmarks("TokenBroker.Benchmarks.dll"), "allocations");
        Assert.True(exitCode == 0, output);
        var measured = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(": "))
            .ToDictionary(line => line[0], line => int.Parse(line[1].Split(' ')[0], CultureInfo.InvariantCulture));
        Assert.Equal(MostBytes.Keys.Order(), measured.Keys.Order());
        Assert.All(measured, route => Assert.True(route.Value <= MostBytes[route.Key], $"{route.Key} allocates {route.Value} bytes"));
    }

    private static string Benchmarks(string assembly) =>
        Repository.File("Benchmarks", "bin", Repository.Configuration, "net10.0", assembly);
}
