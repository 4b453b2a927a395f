using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using TokenBroker.Crypto;
using TokenBroker.Local.Emulators;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.SignIns;

/// <summary>Who the player is, for the game's own server: the broker's ID tokens over providers of every kind.</summary>
public sealed class IdentityTests
{
    [Theory]
    [InlineData("aura", "openid profile", "aura|127.0.0.1|d9dc02bf-b88f-40bc-b423-bc369f545067")]
    [InlineData("tachi", "openid profile", "tachi|127.0.0.1|1")]
    [InlineData("lifescope", "openid basic", "lifescope|ada")]
    public async Task A_sign_in_with_openid_brings_an_ID_token_by_each_of_the_three_endings(string app, string scope, string subject)
    {
        await using var broker = await Broker.StartAsync(await Broker.NewTableStoreAsync());
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();

        var byCode = await game.ExchangeAsync(
            await browser.SignInAsync($"/create-session?app={app}&nonce=the-nonce&scopes={Uri.EscapeDataString(scope)}"));
        var redirecting = new RedirectGame(game, app) { Scope = scope };
        var byRedirect = await redirecting.RedeemAsync((await redirecting.SignInAsync(browser, changes: ("nonce", "the-nonce")))["code"]);
        var device = await game.StartDeviceAsync(app, scope);
        await browser.SignDeviceInAsync(device.Text("verification_uri_complete")!);
        var byDevice = await game.PollAsync(device, app);

        foreach (var reply in new[] { byCode, byRedirect, byDevice })
        {
            Assert.Equal(200, reply.Status);
            var token = await ValidateAsync(game, reply.Text("id_token")!, app, broker);
            Assert.Equal((subject, app), (token.Subject, token.GetClaim("idp").Value));
            var accessToken = reply.Text("access_token") ?? reply.OAuthToken!;
            var hash = SHA256.HashData(Encoding.ASCII.GetBytes(accessToken));
            Assert.Equal(Base64UrlEncoder.Encode(hash[..16]), token.GetClaim("at_hash").Value);
            var now = broker.Time.GetUtcNow();
            Assert.Equal((now.UtcDateTime, now.UtcDateTime.AddMinutes(10)), (token.IssuedAt, token.ValidTo));
            Assert.Equal($"{now.ToUnixTimeSeconds()}", token.GetClaim("auth_time").Value);
            Assert.Equal(reply == byDevice ? null : "the-nonce", token.TryGetClaim("nonce", out var nonce) ? nonce.Value : null);
            Assert.Equal(app == "aura" ? "ada" : null, token.TryGetClaim("name", out var name) ? name.Value : null);
        }
    }

    [Fact]
    public async Task A_refresh_brings_a_new_one_of_the_same_player_and_without_openid_there_is_none()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var redirecting = new RedirectGame(game, "aura") { Scope = "openid" };
        var reply = await redirecting.RedeemAsync((await redirecting.SignInAsync(browser, changes: ("nonce", "n")))["code"]);
        var first = await ValidateAsync(game, reply.Text("id_token")!, "aura", broker);
        broker.Time.Advance(TimeSpan.FromMinutes(30));

        var refreshed = await game.RefreshAsync("aura", reply.Text("refresh_token")!);

        var second = await ValidateAsync(game, refreshed.Text("id_token")!, "aura", broker);
        Assert.Equal((first.Subject, first.GetClaim("auth_time").Value), (second.Subject, second.GetClaim("auth_time").Value));
        Assert.Equal(first.IssuedAt.AddMinutes(30), second.IssuedAt);
        Assert.False(second.TryGetClaim("nonce", out _));

        var without = await game.ExchangeAsync(await browser.SignInAsync("/create-session?app=aura"));
        Assert.Null(without.Text("id_token"));
        Assert.Null((await game.RefreshAsync("aura", without.Text("refresh_token")!)).Text("id_token"));
    }

    [Fact]
    public async Task Without_openid_nothing_costs_more()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        await browser.SignInAsync("/create-session?app=aura");
        Assert.Equal(1, broker.Emulator("aura").Calls); // the exchange
        await browser.SignInAsync("/create-session?app=aura&scopes=openid");
        Assert.Equal(3, broker.Emulator("aura").Calls); // and the question who it is
        await browser.SignInAsync("/create-session?app=tachi&scopes=openid");
        Assert.Equal(1, broker.Emulator("tachi").Calls); // whose reply tells
    }

    [Theory]
    [InlineData("webroot", "openid ECom.Shop")]
    [InlineData("wishtack", "openid read")]
    public async Task A_provider_that_names_nobody_is_refused_at_the_beginning(string app, string scope)
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var redirecting = new RedirectGame(game, app) { Scope = scope };
        Assert.Equal("invalid_scope", redirecting.ParametersOf(await browser.GetAsync(redirecting.Address()))["error"]);
        Assert.Equal("invalid_scope", (await game.StartDeviceAsync(app, scope)).Error);
    }

    [Fact]
    public async Task An_openid_provider_s_token_is_checked_and_its_names_come_from_its_user_endpoint()
    {
        var provider = new EmulatedOpenId();
        await using var broker = await Broker.StartAsync(more: [provider]);
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var redirecting = new RedirectGame(game, "oidc") { Scope = "openid profile" };

        var reply = await redirecting.RedeemAsync((await redirecting.SignInAsync(browser))["code"]);

        Assert.Equal((200, "openid profile"), (reply.Status, reply.Text("scope")));
        Assert.False(reply.Json.TryGetProperty("extra", out _)); // The provider's own token goes no further.
        var token = await ValidateAsync(game, reply.Text("id_token")!, "oidc", broker);
        Assert.StartsWith("oidc|127.0.0.1|", token.Subject, StringComparison.Ordinal);
        Assert.Equal("ada", token.GetClaim("name").Value);
        var refreshed = await game.RefreshAsync("oidc", reply.Text("refresh_token")!);
        Assert.Equal(token.Subject, (await ValidateAsync(game, refreshed.Text("id_token")!, "oidc", broker)).Subject);

        provider.Lie = claims => claims["sub"] = "somebody-else";
        Assert.Equal("invalid_grant", (await game.RefreshAsync("oidc", refreshed.Text("refresh_token")!)).Error);
    }

    [Fact]
    public async Task Keys_that_are_down_at_a_refresh_cost_the_ID_token_and_no_refresh_token()
    {
        var provider = new EmulatedOpenId();
        await using var broker = await Broker.StartAsync(more: [provider]);
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var redirecting = new RedirectGame(game, "oidc") { Scope = "openid" };
        var reply = await redirecting.RedeemAsync((await redirecting.SignInAsync(browser))["code"]);
        provider.RotateKey();
        var refreshed = await game.RefreshAsync("oidc", reply.Text("refresh_token")!);
        Assert.Equal((200, null), (refreshed.Status, refreshed.Text("id_token")));
        broker.Time.Advance(TimeSpan.FromMinutes(1));
        refreshed = await game.RefreshAsync("oidc", refreshed.Text("refresh_token")!);
        Assert.NotNull(refreshed.Text("id_token"));
    }

    [Fact]
    public async Task Keys_that_rotate_are_read_again_but_not_within_a_minute()
    {
        var provider = new EmulatedOpenId();
        await using var broker = await Broker.StartAsync(more: [provider]);
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var redirecting = new RedirectGame(game, "oidc") { Scope = "openid" };
        Assert.Contains("code", await redirecting.SignInAsync(browser));
        Assert.Equal(1, provider.KeyRequests);
        Assert.Contains("code", await redirecting.SignInAsync(browser));
        Assert.Equal(1, provider.KeyRequests);

        provider.RotateKey();
        Assert.Equal("server_error", (await redirecting.SignInAsync(browser))["error"]);
        Assert.Equal(1, provider.KeyRequests);
        broker.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Contains("code", await redirecting.SignInAsync(browser));
        Assert.Equal(2, provider.KeyRequests);
    }

    public static TheoryData<string> Lies =>
    [
        "issuer", "audience", "party", "several audiences", "nonce", "no nonce", "expired", "future", "no subject", "none", "hmac",
        "another key", "no token", "altered", "user endpoint", "long subject", "subject is no text",
    ];

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task A_provider_that_lies_ends_the_sign_in(string lie)
    {
        var provider = new EmulatedOpenId();
        await using var broker = await Broker.StartAsync(more: [provider]);
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var now = broker.Time.GetUtcNow().ToUnixTimeSeconds();
        provider.Lie = claims => _ = lie switch
        {
            "issuer" => claims["iss"] = "https://evil.example.com",
            "audience" => claims["aud"] = "another-client",
            "party" => claims["azp"] = "another-client",
            "several audiences" => claims["aud"] = new[] { provider.ClientId, "another-client" },
            "nonce" => claims["nonce"] = "another",
            "no nonce" => claims.Remove("nonce"),
            "expired" => claims["exp"] = now - 121,
            "future" => claims["iat"] = now + 121,
            "no subject" => claims.Remove("sub"),
            "long subject" => claims["sub"] = new string('x', 4000),
            "subject is no text" => claims["sub"] = new[] { "ada" },
            _ => (object)0,
        };
        if (lie == "user endpoint")
            provider.Profile = () => new { sub = "somebody-else", name = "eve" };
        provider.Replace = genuine => lie switch
        {
            "none" => $"{Base64UrlEncoder.Encode("{\"alg\":\"none\"}")}.{genuine.Split('.')[1]}.",
            "hmac" => Signed(genuine, new SymmetricSecurityKey(new byte[64]), SecurityAlgorithms.HmacSha256),
            "another key" => Signed(genuine, new RsaSecurityKey(RSA.Create(2048)) { KeyId = new JsonWebToken(genuine).Kid },
                SecurityAlgorithms.RsaSha256),
            "no token" => null,
            "altered" => $"{genuine.Split('.')[0]}.{Base64UrlEncoder.Encode(
                Base64UrlEncoder.Decode(genuine.Split('.')[1]).Replace("\"sub\":\"", "\"sub\":\"x",
                    StringComparison.Ordinal))}.{genuine.Split('.')[2]}",
            _ => genuine,
        };
        var redirecting = new RedirectGame(game, "oidc") { Scope = "openid profile" };

        Assert.Equal("server_error", (await redirecting.SignInAsync(browser))["error"]);

        // A player who signs in elsewhere, or a game that does not ask, is not harmed.
        Assert.Equal(200, (await game.ExchangeAsync(await browser.SignInAsync())).Status);
        provider.Lie = null;
        provider.Replace = null;
        provider.Profile = null;
        Assert.Contains("code", await redirecting.SignInAsync(browser));
    }

    [Theory]
    [InlineData(119)]
    [InlineData(-119)]
    public async Task A_clock_that_is_two_minutes_off_harms_nobody(int seconds)
    {
        var provider = new EmulatedOpenId();
        await using var broker = await Broker.StartAsync(more: [provider]);
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var now = broker.Time.GetUtcNow().ToUnixTimeSeconds();
        provider.Lie = claims => (claims["iat"], claims["exp"]) = (now + seconds, now + (seconds < 0 ? seconds : 600));
        Assert.Contains("code", await new RedirectGame(game, "oidc") { Scope = "openid" }.SignInAsync(browser));
    }

    [Fact]
    public async Task Keys_and_user_endpoints_that_are_down_are_told_and_harm_no_sign_in_without_openid()
    {
        var provider = new EmulatedOpenId { IsDown = true };
        await using var broker = await Broker.StartAsync(more: [provider]);
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        Assert.Equal("server_error", (await new RedirectGame(game, "oidc") { Scope = "openid" }.SignInAsync(browser))["error"]);
        Assert.Contains("its keys cannot be read", broker.LogText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_signs_signs_in_refreshes_and_names_its_player()
    {
        await using var broker = await Broker.StartAsync(more: [new EmulatedRiot()]);
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var redirecting = new RedirectGame(game, "riot") { Scope = "openid" };
        var reply = await redirecting.RedeemAsync((await redirecting.SignInAsync(browser))["code"]);
        Assert.StartsWith("riot|", (await ValidateAsync(game, reply.Text("id_token")!, "riot", broker)).Subject, StringComparison.Ordinal);
        Assert.Equal(200, (await game.RefreshAsync("riot", reply.Text("refresh_token")!)).Status);
    }

    [Fact]
    public async Task A_broker_without_a_key_says_so_and_announces_nothing()
    {
        await using var broker = await Broker.StartAsync(settings: new() { ["Broker:IdTokenSigningKey"] = null });
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        Assert.Equal(0, (await game.GetAsync("/jwks")).Json.GetProperty("keys").GetArrayLength());
        Assert.Null((await game.GetAsync("/.well-known/openid-configuration")).Text("jwks_uri"));
        var redirecting = new RedirectGame(game, "aura") { Scope = "openid" };
        Assert.Equal("invalid_scope", redirecting.ParametersOf(await browser.GetAsync(redirecting.Address()))["error"]);
        Assert.Equal("invalid_scope", (await game.StartDeviceAsync("aura", "openid")).Error);
        Assert.Equal(400, (await browser.GetAsync("/create-session?app=aura&scopes=openid")).Status);
    }

    [Theory]
    [InlineData("RS256")]
    [InlineData("ES256")]
    public async Task The_keys_are_public_parts_that_may_be_kept_for_five_minutes(string algorithm)
    {
        await using var broker = await Broker.StartAsync(settings: new()
        {
            ["Broker:IdTokenSigningKey"] = algorithm == "RS256" ? TestKeys.Rsa : TestKeys.P256,
        });
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var reply = await game.GetAsync("/jwks");
        Assert.Equal("public, max-age=300", reply.Response.Headers.CacheControl!.ToString());
        var key = reply.Json.GetProperty("keys")[0];
        string[] expected = algorithm == "RS256" ? ["alg", "e", "kid", "kty", "n", "use"] : ["alg", "crv", "kid", "kty", "use", "x", "y"];
        Assert.Equal(expected, key.EnumerateObject().Select(member => member.Name).Order());
        Assert.Equal((algorithm, "sig"), (key.GetProperty("alg").GetString(), key.GetProperty("use").GetString()));
        var tokens = await game.ExchangeAsync(await browser.SignInAsync("/create-session?app=aura&scopes=openid"));
        Assert.Equal(algorithm, (await ValidateAsync(game, tokens.Text("id_token")!, "aura", broker)).Alg);
    }

    [Fact]
    public void A_new_version_is_published_before_it_signs_and_an_old_one_until_its_tokens_are_over()
    {
        var (old, next) = (SigningKey.FromPem(TestKeys.Rsa)!, SigningKey.FromPem(TestKeys.P256)!);
        var made = new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
        var ring = new SigningKeyRing([(old, made.AddYears(-1)), (next, made)]);
        string[] Published(int minutes) => [.. ring.Published(made.AddMinutes(minutes)).Select(key => key.Id)];
        Assert.Equal([old.Id, next.Id], Published(0));
        Assert.Equal(old.Id, ring.Current(made.AddMinutes(14)).Id);
        Assert.Equal(next.Id, ring.Current(made.AddMinutes(15)).Id);
        Assert.Equal([old.Id, next.Id], Published(44));
        Assert.Equal([next.Id], Published(45));
    }

    public static TheoryData<string> NoKeys =>
        ["", "nonsense", TestKeys.NewRsa(1024), TestKeys.NewEc(ECCurve.NamedCurves.nistP384), PublicOnly()];

    [Theory]
    [MemberData(nameof(NoKeys))]
    public void What_is_no_key_is_none(string pem) => Assert.Null(SigningKey.FromPem(pem));

    [Fact]
    public async Task A_signing_key_that_is_none_stops_the_start_and_is_named() => Assert.StartsWith(
        "Broker__IdTokenSigningKey is no key",
        (await Assert.ThrowsAsync<ConfigurationException>(() => Broker.StartAsync(settings: new()
        {
            ["Broker:IdTokenSigningKey"] = TestKeys.NewRsa(1024),
        }))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task The_broker_is_a_provider_of_another_broker()
    {
        // Another name than the second broker's, since cookies know no ports.
        var port = Ports.Free();
        var issuer = $"http://localhost:{port}";
        await using var upstream = await Broker.StartAsync(settings: new()
        {
            ["urls"] = $"http://127.0.0.1:{port}",
            ["Broker:PublicUrl"] = issuer,
            ["Apps:aura:RedirectUris:0"] = "http://127.0.0.1/complete",
        });
        upstream.Emulator("aura").RedirectUri = $"{issuer}/complete";
        await using var broker = await Broker.StartAsync(settings: new()
        {
            ["Apps:chained:Provider"] = "oidc",
            ["Apps:chained:Issuer"] = issuer,
            ["Apps:chained:ClientId"] = "aura",
            ["Apps:chained:ClientSecret"] = "none is checked",
            ["Apps:chained:Scopes:0"] = "openid",
            ["Apps:chained:Scopes:1"] = "profile",
            ["Apps:chained:RedirectUris:0"] = "http://127.0.0.1/callback",
        });
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var redirecting = new RedirectGame(game, "chained") { Scope = "openid profile" };
        var back = await browser.DecideAsync(await browser.OpenAsync(redirecting.Address()), "approve");
        var toBroker = await browser.GetAsync(back.Location!);
        Assert.StartsWith($"{broker.Url}complete?", toBroker.Location, StringComparison.Ordinal);

        var reply = await redirecting.RedeemAsync(redirecting.ParametersOf(await browser.GetAsync(toBroker.Location!))["code"]);

        var token = await ValidateAsync(game, reply.Text("id_token")!, "chained", broker);
        Assert.Equal("oidc|localhost|aura|127.0.0.1|d9dc02bf-b88f-40bc-b423-bc369f545067", token.Subject);
        Assert.Equal("ada", token.GetClaim("name").Value);
        Assert.Equal(200, (await game.RefreshAsync("chained", reply.Text("refresh_token")!)).Status);
    }

    /// <summary>Checks a token as a game's server does: by discovery alone.</summary>
    private static async Task<JsonWebToken> ValidateAsync(Game game, string token, string audience, Broker broker)
    {
        var metadata = await game.GetAsync("/.well-known/openid-configuration");
        var keys = await game.GetAsync(new Uri(metadata.Text("jwks_uri")!).AbsolutePath);
        var result = await new JsonWebTokenHandler().ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = metadata.Text("issuer"),
            ValidAudience = audience,
            IssuerSigningKeys = new JsonWebKeySet(keys.Body).GetSigningKeys(),
            ValidAlgorithms = [.. metadata.Json.GetProperty("id_token_signing_alg_values_supported").EnumerateArray()
                .Select(each => each.GetString()!)],
            LifetimeValidator = (_, expires, _, _) => expires > broker.Time.GetUtcNow(),
        });
        Assert.True(result.IsValid, result.Exception?.Message);
        return (JsonWebToken)result.SecurityToken;
    }

    private static string Signed(string genuine, SecurityKey key, string algorithm) => new JsonWebTokenHandler().CreateToken(
        Base64UrlEncoder.Decode(genuine.Split('.')[1]), new SigningCredentials(key, algorithm));

    private static string PublicOnly()
    {
        using var rsa = RSA.Create(2048);
        return rsa.ExportSubjectPublicKeyInfoPem();
    }
}
