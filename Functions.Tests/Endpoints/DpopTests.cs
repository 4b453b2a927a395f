using Microsoft.IdentityModel.Tokens;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Endpoints;

/// <summary>Refresh tokens that are bound to a game's key (RFC 9449).</summary>
public sealed class DpopTests
{
    private static readonly Dictionary<string, Action<ProofMaker>> Flaws = new()
    {
        ["type"] = proof => proof.Header["typ"] = "JWT",
        ["no key"] = proof => proof.Header.Remove("jwk"),
        ["another key"] = proof => proof.Header["jwk"] = new ProofMaker("ES256").Key,
        ["private key"] = proof => proof.Key["d"] = "AAAA",
        ["symmetric key"] = proof => proof.Header["jwk"] = new Dictionary<string, object> { ["kty"] = "oct", ["k"] = "AAAA" },
        ["key is text"] = proof => proof.Header["jwk"] = "key",
        ["point off the curve"] = proof => proof.Key["x"] = Base64UrlEncoder.Encode(new byte[32]),
        ["method"] = proof => proof.Claims["htm"] = "GET",
        ["method in small letters"] = proof => proof.Claims["htm"] = "post",
        ["no method"] = proof => proof.Claims.Remove("htm"),
        ["address"] = proof => proof.Claims["htu"] = "https://evil.example.com/token",
        ["path"] = proof => proof.Claims["htu"] = $"{proof.Claims["htu"]}x",
        ["address as object"] = proof => proof.Claims["htu"] = new { a = 1 },
        ["too old"] = proof => proof.Claims["iat"] = (long)proof.Claims["iat"] - 301,
        ["too new"] = proof => proof.Claims["iat"] = (long)proof.Claims["iat"] + 301,
        ["time as text"] = proof => proof.Claims["iat"] = "now",
        ["no time"] = proof => proof.Claims.Remove("iat"),
        ["no id"] = proof => proof.Claims.Remove("jti"),
        ["id as number"] = proof => proof.Claims["jti"] = 5,
        ["long id"] = proof => proof.Claims["jti"] = new string('x', 300),
        ["long"] = proof => proof.Claims["x"] = new string('x', 9000),
    };

    public static TheoryData<string> FlawNames => [.. Flaws.Keys];

    [Theory]
    [InlineData("ES256")]
    [InlineData("RS256")]
    public async Task A_proof_binds_the_refresh_token_to_the_game_s_key(string algorithm)
    {
        await using var broker = await Broker.StartAsync();
        var (mine, stolen) = (new ProofMaker(algorithm), new ProofMaker("ES256"));
        var tokens = await SignInAsync(broker, $"&dpop_jkt={mine.Thumbprint}", mine);
        Assert.Equal(200, tokens.Status);
        Assert.Equal("Bearer", tokens.Text("token_type") ?? "Bearer");

        var refreshed = await RefreshAsync(broker, tokens, mine);
        Assert.Equal(200, refreshed.Status);
        foreach (var wrong in new[] { await RefreshAsync(broker, refreshed, null), await RefreshAsync(broker, refreshed, stolen) })
            Assert.Equal((400, "invalid_dpop_proof"), (wrong.Status, wrong.Error));
        Assert.Equal(200, (await RefreshAsync(broker, refreshed, mine)).Status);
    }

    [Fact]
    public async Task A_code_whose_key_was_announced_is_redeemed_with_that_key_only()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        var mine = new ProofMaker("ES256");
        var code = await browser.SignInAsync($"/create-session?scopes=basic&dpop_jkt={mine.Thumbprint}");
        foreach (var proof in new[] { null, new ProofMaker("ES256") })
            Assert.Equal("invalid_grant", (await ExchangeAsync(broker, code, proof)).Error);
        Assert.Equal(200, (await ExchangeAsync(broker, code, mine)).Status);
    }

    [Fact]
    public async Task A_device_s_first_successful_poll_binds()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var mine = new ProofMaker("ES256");
        var device = await game.StartDeviceAsync();
        await browser.SignDeviceInAsync(device.Text("verification_uri_complete")!);
        using var poll = Post(broker, "/token", mine, ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
            ("client_id", "lifescope"), ("device_code", device.Text("device_code")!));
        var tokens = await game.SendAsync(poll);
        Assert.Equal(200, tokens.Status);
        Assert.Equal("invalid_dpop_proof", (await RefreshAsync(broker, tokens, null)).Error);
        Assert.Equal(200, (await RefreshAsync(broker, tokens, mine)).Status);
    }

    [Fact]
    public async Task A_proof_binds_a_token_that_was_bound_to_no_key()
    {
        await using var broker = await Broker.StartAsync();
        var mine = new ProofMaker("ES256");
        var bound = await RefreshAsync(broker, await SignInAsync(broker, "", null), mine);
        Assert.Equal("invalid_dpop_proof", (await RefreshAsync(broker, bound, null)).Error);
    }

    [Fact]
    public async Task A_proof_works_once()
    {
        await using var broker = await Broker.StartAsync();
        var mine = new ProofMaker("ES256");
        var tokens = await SignInAsync(broker, "", mine);
        var proof = mine.For(broker, "POST", "/token");
        async Task<Reply> SendAsync()
        {
            using var game = broker.NewGame();
            game.Headers.Add("DPoP", proof);
            return await game.RefreshAsync("lifescope", tokens.Text("refresh_token")!);
        }

        Assert.Equal(200, (await SendAsync()).Status);
        Assert.Equal("invalid_dpop_proof", (await SendAsync()).Error);
        broker.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal("invalid_dpop_proof", (await SendAsync()).Error);
    }

    [Theory]
    [MemberData(nameof(FlawNames))]
    public async Task A_proof_that_proves_nothing_is_refused(string flaw)
    {
        await using var broker = await Broker.StartAsync();
        var mine = new ProofMaker("ES256");
        var tokens = await SignInAsync(broker, "", mine);
        Assert.Equal("invalid_dpop_proof", (await RefreshAsync(broker, tokens, mine, Flaws[flaw])).Error);
        Assert.Equal(200, (await RefreshAsync(broker, tokens, mine)).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("a.b.c")]
    [InlineData("eyJhbGciOiJub25lIiwidHlwIjoiZHBvcCtqd3QifQ.e30.")]
    [InlineData("one, two")]
    public async Task What_is_no_proof_is_refused_before_anything_is_spent(string header)
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        game.Headers.TryAddWithoutValidation("DPoP", header);
        var code = await browser.SignInAsync();
        Assert.Equal((400, "invalid_dpop_proof"), await OutcomeAsync(game.ExchangeAsync(code)));
        Assert.Equal((400, "invalid_dpop_proof"), await OutcomeAsync(game.RefreshAsync("lifescope", "tb1.x.y")));
        using var other = broker.NewGame();
        Assert.Equal(200, (await other.ExchangeAsync(code)).Status);
    }

    [Fact]
    public async Task A_signature_by_another_algorithm_or_a_weak_key_is_none()
    {
        await using var broker = await Broker.StartAsync();
        var tokens = await SignInAsync(broker, "", null);
        foreach (var maker in new[] { new ProofMaker("ES384"), new ProofMaker("PS256"), new ProofMaker("RS256", 1024) })
            Assert.Equal("invalid_dpop_proof", (await RefreshAsync(broker, tokens, maker)).Error);
    }

    [Theory]
    [InlineData("ES256")]
    [InlineData("RS256")]
    public async Task A_certificate_beside_somebody_else_s_key_proves_nothing(string algorithm)
    {
        await using var broker = await Broker.StartAsync();
        var (victim, thief) = (new ProofMaker(algorithm), new ProofMaker(algorithm));
        var tokens = await SignInAsync(broker, "", victim);
        var key = new Dictionary<string, object>(victim.Key) { ["x5c"] = new[] { thief.Certificate() } };
        var forged = await RefreshAsync(broker, tokens, thief, proof => proof.Header["jwk"] = key);
        Assert.Equal((400, "invalid_dpop_proof"), (forged.Status, forged.Error));
    }

    [Fact]
    public async Task An_app_can_require_it_everywhere()
    {
        await using var broker = await Broker.StartAsync(settings: new() { ["Apps:lifescope:RequireDpop"] = "true" });
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var mine = new ProofMaker("ES256");
        Assert.Contains("dpop_jkt", (await browser.GetAsync("/create-session?scopes=basic")).Body, StringComparison.Ordinal);
        Assert.Equal("invalid_dpop_proof", (await game.PollAsync(await game.StartDeviceAsync())).Error);
        var tokens = await SignInAsync(broker, $"&dpop_jkt={mine.Thumbprint}", mine);
        Assert.Equal("invalid_dpop_proof", (await RefreshAsync(broker, tokens, null)).Error);
        Assert.Equal(200, (await RefreshAsync(broker, tokens, mine)).Status);
    }

    [Theory]
    [InlineData("https://broker.example.com/auth/", "HTTPS://BROKER.example.com:443/auth/token?x=y#z", true)]
    [InlineData("https://broker.example.com/auth", "https://broker.example.com/auth/token", true)]
    [InlineData("https://broker.example.com/auth", "https://broker.example.com/token", false)]
    [InlineData("https://broker.example.com/auth", "http://broker.example.com/auth/token", false)]
    [InlineData("https://broker.example.com/auth", "https://broker.example.com:444/auth/token", false)]
    [InlineData("https://broker.example.com/auth", "https://evil@broker.example.com/auth/token", false)]
    public async Task The_address_is_compared_with_the_public_URL(string publicUrl, string htu, bool isGood)
    {
        await using var broker = await Broker.StartAsync(settings: new() { ["Broker:PublicUrl"] = publicUrl });
        using var game = broker.NewGame();
        using var request = Post(broker, "/token", new ProofMaker("ES256"), proof => proof.Claims["htu"] = htu,
            ("grant_type", "refresh_token"), ("client_id", "lifescope"), ("refresh_token", "tb1.x.y"));
        Assert.Equal(isGood ? "invalid_grant" : "invalid_dpop_proof", (await game.SendAsync(request)).Error);
    }

    private static async Task<Reply> SignInAsync(Broker broker, string more, ProofMaker? proof)
    {
        using var browser = broker.NewBrowser();
        return await ExchangeAsync(broker, await browser.SignInAsync($"/create-session?scopes=basic{more}"), proof);
    }

    private static async Task<Reply> ExchangeAsync(Broker broker, string code, ProofMaker? proof)
    {
        using var game = broker.NewGame();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"/exchange-code?access_code={code}", UriKind.Relative));
        if (proof is not null)
            request.Headers.Add("DPoP", proof.For(broker, "GET", "/exchange-code"));
        return await game.SendAsync(request);
    }

    private static async Task<Reply> RefreshAsync(Broker broker, Reply tokens, ProofMaker? proof, Action<ProofMaker>? flaw = null)
    {
        using var game = broker.NewGame();
        using var request = Post(broker, "/token", proof, flaw, ("grant_type", "refresh_token"), ("client_id", "lifescope"),
            ("refresh_token", tokens.Text("refresh_token")!));
        return await game.SendAsync(request);
    }

    private static HttpRequestMessage Post(
        Broker broker, string path, ProofMaker? proof, params (string Name, string Value)[] fields) =>
        Post(broker, path, proof, flaw: null, fields);

    private static HttpRequestMessage Post(
        Broker broker, string path, ProofMaker? proof, Action<ProofMaker>? flaw, params (string Name, string Value)[] fields)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative))
        {
            Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))),
        };
        if (proof is not null)
            request.Headers.Add("DPoP", proof.For(broker, "POST", path, flaw));
        return request;
    }

    private static async Task<(int Status, string? Error)> OutcomeAsync(Task<Reply> asking)
    {
        var reply = await asking;
        return (reply.Status, reply.Error);
    }
}
