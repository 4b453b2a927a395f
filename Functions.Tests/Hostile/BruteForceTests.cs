using System.Net;
using TokenBroker.Crypto;
using TokenBroker.SignIns;
using TokenBroker.Storage;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Hostile;

public sealed class BruteForceTests
{
    [Fact]
    public async Task Guessing_from_one_address_ends_after_ten_tries_and_a_player_at_another_notices_nothing()
    {
        var store = await Broker.NewTableStoreAsync();
        await using var broker = await Broker.StartAsync(store);
        var key = ProtectionKey.TryParse(Convert.ToBase64String([.. Enumerable.Range(0, 32).Select(number => (byte)number)]))!;
        var expiry = broker.Time.GetUtcNow() + Session.Lifetime;
        await Parallel.ForEachAsync(Enumerable.Range(0, 1000), async (_, token) =>
            await store.TryAddEntryAsync(new CodeEntryContent(
                "session", "lifescope", null, ["basic"], new("at", null, null, null, null, null))
                .SealUnder(Codes.New(), key, expiry), token));
        using var browser = broker.NewBrowser();
        var code = await browser.SignInAsync();
        using var guesser = From("127.0.0.66", broker.Url);
        using var player = From("127.0.0.77", broker.Url);

        var answers = new List<int>();
        for (var guess = 0; guess < 1000; guess++)
            answers.Add((int)(await guesser.GetAsync(
                new Uri($"/exchange-code?access_code={Codes.New().Text}", UriKind.Relative))).StatusCode);

        Assert.Equal([.. Enumerable.Repeat(400, 10), .. Enumerable.Repeat(429, 990)], answers);
        Assert.Equal(HttpStatusCode.OK,
            (await player.GetAsync(new Uri($"/exchange-code?access_code={code}", UriKind.Relative))).StatusCode);
    }

    [Fact]
    public async Task Guessing_at_the_same_time_gives_no_more_tries_than_one_after_another()
    {
        await using var broker = await Broker.StartAsync(await Broker.NewTableStoreAsync());
        using var guesser = From("127.0.0.66", broker.Url);

        var answers = await Task.WhenAll(Enumerable.Range(0, 300).Select(_ =>
            guesser.GetAsync(new Uri($"/exchange-code?access_code={Codes.New().Text}", UriKind.Relative))));

        Assert.Equal(10, answers.Count(answer => answer.StatusCode == HttpStatusCode.BadRequest));
        Assert.Equal(290, answers.Count(answer => answer.StatusCode == HttpStatusCode.TooManyRequests));
    }

    private static HttpClient From(string address, Uri broker) => new(Loopback.HandlerAt(address)) { BaseAddress = broker };
}
