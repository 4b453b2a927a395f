using System.Text;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.RealWorker;

/// <summary>
/// Attacks on the caller's address by the binding data, which the Functions host fills from the query and from any body that is JSON.
/// Each succeeds where the middleware is missing.
/// </summary>
public sealed class ForgedAddressTests
{
    private const int Guesses = 500;

    /// <summary>A way to make the host take an address for the caller's.</summary>
    private static readonly Dictionary<string, Func<string, string, HttpRequestMessage>> Forgeries = new()
    {
        ["query"] = (code, address) => new(
            HttpMethod.Get, $"/exchange-code?access_code={code}&Headers={Uri.EscapeDataString(Headers(address))}"),
        ["escaped name"] = (code, address) =>
            new(HttpMethod.Get, $"/exchange-code?access_code={code}&%48eader%73={Uri.EscapeDataString(Headers(address))}"),
        ["form that is JSON too"] = (code, address) => Post(FormThatIsJson(code, address)),
        ["behind blanks"] = (code, address) => Post($" \r\n\t{FormThatIsJson(code, address)}"),
        ["behind a byte-order mark"] = (code, address) =>
            Post([0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(FormThatIsJson(code, address))]),
    };

    public static TheoryData<string> Names => [.. Forgeries.Keys];

    [Fact]
    public async Task Who_forges_an_address_gets_no_try_no_token_and_locks_nobody_out()
    {
        await using var broker = await WorkerHost.StartAsync();
        using var browser = broker.NewBrowser();
        using var attacker = broker.NewGame("203.0.113.66");
        using var victim = broker.NewGame("198.51.100.1");
        var code = await browser.SignInAsync();
        foreach (var forge in Forgeries.Values)
        {
            for (var guess = 0; guess < Guesses / Forgeries.Count; guess++)
            {
                var wrong = await attacker.SendAsync(forge(Codes.New().Text, $"198.51.100.{guess % 2}"));
                Assert.Equal((400, "invalid_request"), (wrong.Status, wrong.Error));
            }
            var right = await attacker.SendAsync(forge(code, "198.51.100.2"));
            Assert.Equal((400, "invalid_request"), (right.Status, right.Error));
        }

        Assert.Equal((400, "invalid_grant"), await OutcomeAsync(victim.ExchangeAsync(Codes.New().Text)));
        Assert.NotNull((await victim.ExchangeAsync(code)).OAuthToken);
        Assert.DoesNotContain("198.51.100", await broker.LogsAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Without_the_middleware_the_attack_gets_as_many_tries_as_it_likes(string forgery)
    {
        await using var broker = await WorkerHost.StartUnguardedAsync();
        using var browser = broker.NewBrowser();
        using var attacker = broker.NewGame("203.0.113.66");
        for (var guess = 0; guess < 40; guess++)
        {
            var wrong = await attacker.SendAsync(Forgeries[forgery](Codes.New().Text, $"198.51.100.{guess}"));
            // Bytes before the first parameter's name are harmless to a form, whose second parameter is the code.
            Assert.Equal((400, "invalid_grant"), (wrong.Status, wrong.Error));
        }
        var right = await attacker.SendAsync(Forgeries[forgery](await browser.SignInAsync(), "198.51.100.50"));
        Assert.NotNull(right.OAuthToken);
    }

    [Fact]
    public async Task Without_the_middleware_somebody_else_is_locked_out()
    {
        await using var broker = await WorkerHost.StartUnguardedAsync();
        using var attacker = broker.NewGame("203.0.113.66");
        using var victim = broker.NewGame("198.51.100.1");
        for (var guess = 0; guess < 10; guess++)
            await attacker.SendAsync(Forgeries["query"](Codes.New().Text, "198.51.100.1"));
        Assert.Equal(429, (await victim.ExchangeAsync(Codes.New().Text)).Status);
    }

    [Fact]
    public async Task Whatever_could_forge_binding_data_is_refused_in_the_audience_s_form()
    {
        await using var broker = await WorkerHost.StartAsync();
        using var game = broker.NewGame();
        using var browser = broker.NewBrowser();
        var code = await browser.SignInAsync();
        string[] queries = ["Headers=x", "headers=", "%48eaders=", "HEADERS", "Query=x", "%71uery=x", "a=b&query=c&query=d"];
        foreach (var query in queries)
        {
            Assert.Equal((400, "invalid_request"), await OutcomeAsync(game.GetAsync($"/exchange-code?access_code={code}&{query}")));
            Assert.Equal((400, "invalid_request"), await OutcomeAsync(game.GetAsync($"/health?{query}")));
            var page = await browser.GetAsync($"/complete?{query}");
            Assert.Equal((400, "text/html; charset=utf-8"), (page.Status, page.Header("Content-Type")));
        }

        const string nothing = """{"Headers":null}""";
        byte[][] bodies =
        [
            Encoding.UTF8.GetBytes(nothing), Encoding.UTF8.GetBytes($"  {nothing}"), Encoding.UTF8.GetBytes($"\u00A0{nothing}"),
                Encoding.UTF8.GetBytes($"\u2028{nothing}"),
            [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(nothing)],
            [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(nothing)],
            [.. Encoding.BigEndianUnicode.Preamble, .. Encoding.BigEndianUnicode.GetBytes(nothing)],
            Encoding.BigEndianUnicode.GetBytes(nothing), Encoding.UTF32.GetBytes($"\uFEFF{nothing}"),
            Encoding.UTF8.GetBytes("{" + new string('x', 1 << 15)),
        ];
        foreach (var body in bodies)
        {
            foreach (var chunked in new[] { false, true })
            {
                Assert.Equal((400, "invalid_request"), await OutcomeAsync(game.SendAsync(Post(body, "/token", chunked))));
                Assert.Equal((400, "invalid_request"),
                    await OutcomeAsync(game.SendAsync(Post(body, $"/exchange-code?access_code={code}", chunked))));
            }
        }
        Assert.NotNull((await game.ExchangeAsync(code)).OAuthToken);
        var logs = await broker.LogsAsync();
        Assert.DoesNotContain("xxx", logs, StringComparison.Ordinal);
        Assert.DoesNotContain("Unexpected failure", logs, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("multipart/form-data; boundary=b")]
    [InlineData("application/x-www-form-urlencoded")]
    public async Task A_body_in_parts_forges_no_address(string contentType)
    {
        await using var broker = await WorkerHost.StartAsync();
        var network = $"10.{Random.Shared.Next(256)}.{Random.Shared.Next(256)}";
        using var attacker = broker.NewGame($"{network}.66");
        var answers = new List<int>();
        for (var guess = 0; guess < 12; guess++)
        {
            var part = $"--b\r\nContent-Disposition: form-data; name=\"Headers\"\r\n\r\n{Headers($"{network}.{guess}")}\r\n--b--\r\n";
            var request = new HttpRequestMessage(HttpMethod.Get, $"/exchange-code?access_code={Codes.New().Text}")
            {
                Content = new StringContent(part),
            };
            request.Content.Headers.ContentType = System.Net.Http.Headers.MediaTypeHeaderValue.Parse(contentType);
            answers.Add((await attacker.SendAsync(request)).Status);
        }
        Assert.Equal([.. Enumerable.Repeat(400, 10), 429, 429], answers);

        // A preamble that is JSON.
        var forged = Post($"{{\"Headers\":\"x\",\"y\":\"\r\n--b\r\n\r\n--b--\"}}");
        Assert.Equal((400, "invalid_request"), await OutcomeAsync(attacker.SendAsync(forged)));
    }

    [Fact]
    public async Task Behind_Front_Door_its_header_tells_the_address_and_nobody_comes_round_it()
    {
        const string id = "0f8fad5b-d9cb-469f-a165-70867728950e";
        await using var broker = await WorkerHost.StartAsync(("Broker__FrontDoorId", id));
        using var stranger = broker.NewGame();
        Assert.Equal((403, "access_denied"), await OutcomeAsync(stranger.GetAsync("/health")));
        using var through = broker.NewGame();
        through.Headers.Add("X-Azure-FDID", id);
        through.Headers.Add("X-Azure-SocketIP", "198.51.100.9");
        for (var guess = 0; guess < 10; guess++)
            await through.ExchangeAsync(Codes.New().Text);
        Assert.Equal(429, (await through.ExchangeAsync(Codes.New().Text)).Status);
        using var other = broker.NewGame();
        other.Headers.Add("X-Azure-FDID", id);
        other.Headers.Add("X-Azure-SocketIP", "198.51.100.10");
        Assert.Equal(400, (await other.ExchangeAsync(Codes.New().Text)).Status);
    }

    private static string Headers(string address) => $$"""{"X-Forwarded-For":"{{address}}"}""";

    /// <summary>JSON with a member <c>Headers</c>, and at the same time a form with <c>access_code</c>.</summary>
    private static string FormThatIsJson(string code, string address) =>
        $$"""{"Headers":"{{Headers(address).Replace("\"", "\\\"", StringComparison.Ordinal)}}","x":"&access_code={{code}}&y="}""";

    private static HttpRequestMessage Post(string body) => Post(Encoding.UTF8.GetBytes(body));

    private static HttpRequestMessage Post(byte[] body, string path = "/exchange-code", bool chunked = false)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new("application/x-www-form-urlencoded");
        request.Headers.TransferEncodingChunked = chunked;
        return request;
    }

    private static async Task<(int Status, string? Error)> OutcomeAsync(Task<Reply> asking)
    {
        var reply = await asking;
        return (reply.Status, reply.Error);
    }
}
