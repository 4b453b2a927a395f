using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Endpoints;

/// <summary>Games in browsers, on an origin of their own.</summary>
public sealed class CrossOriginTests
{
    private const string Allowed = "https://play.example.com";

    [Theory]
    [InlineData("GET", "/exchange-code?access_code=a2B3c4D5", Allowed, true)]
    [InlineData("POST", "/exchange-code", Allowed, true)]
    [InlineData("POST", "/token", Allowed, true)]
    [InlineData("POST", "/device_authorization", Allowed, true)]
    [InlineData("POST", "/revoke", Allowed, true)]
    [InlineData("GET", "/userinfo", Allowed, true)]
    [InlineData("GET", "/.well-known/oauth-authorization-server", Allowed, true)]
    [InlineData("GET", "/openapi.json", Allowed, true)]
    [InlineData("GET", "/exchange-code?access_code=a2B3c4D5", "https://evil.example.com", false)]
    [InlineData("GET", "/exchange-code?access_code=a2B3c4D5", "https://play.example.com.evil.example", false)]
    [InlineData("GET", "/exchange-code?access_code=a2B3c4D5", "null", false)]
    [InlineData("GET", "/complete", Allowed, false)]
    [InlineData("GET", "/device", Allowed, false)]
    public async Task Answers_for_games_are_readable_on_configured_origins_only(string method, string url, string origin, bool readable)
    {
        await using var broker = await StartAsync(Allowed, "http://localhost:3000");
        using var game = broker.NewGame();
        foreach (var asked in new[] { method, "OPTIONS" })
        {
            using var request = new HttpRequestMessage(new(asked), new Uri(url, UriKind.Relative));
            request.Headers.Add("Origin", origin);
            if (asked == "OPTIONS")
                request.Headers.Add("Access-Control-Request-Method", method);
            var response = (await game.SendAsync(request)).Response;
            string? Header(string name) => response.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;
            if (asked == "OPTIONS" && (url.StartsWith("/complete", StringComparison.Ordinal) ||
                url.StartsWith("/device", StringComparison.Ordinal)) && !readable)
            {
                Assert.Equal(404, (int)response.StatusCode);
                continue;
            }
            Assert.Equal(readable ? origin : null, Header("Access-Control-Allow-Origin"));
            Assert.Null(Header("Access-Control-Allow-Credentials"));
            Assert.Equal(asked == "OPTIONS" && readable ? "GET, POST" : null, Header("Access-Control-Allow-Methods"));
            Assert.Equal(asked == "OPTIONS" && readable ? "Authorization, Content-Type, DPoP" : null,
                Header("Access-Control-Allow-Headers"));
            if (asked == "OPTIONS")
                Assert.Equal(204, (int)response.StatusCode);
        }
    }

    [Theory]
    [InlineData("https://play.example.com/")]
    [InlineData("https://play.example.com/game")]
    [InlineData("https://PLAY.example.com")]
    [InlineData("https://play.example.com:443")]
    [InlineData("http://play.example.com")]
    [InlineData("*")]
    public async Task What_is_no_origin_stops_the_start(string origin)
    {
        var exception = await Assert.ThrowsAsync<ConfigurationException>(() => StartAsync(origin));
        Assert.Contains("Broker__AllowedOrigins__0", exception.Message, StringComparison.Ordinal);
    }

    [ToolFact("chromium")]
    public async Task A_page_on_another_origin_signs_its_player_in_and_on_a_third_it_cannot()
    {
        await using var allowed = await PageAsync();
        await using var other = await PageAsync();
        await using var broker = await StartAsync(allowed.Urls.First());
        using var browser = broker.NewBrowser();
        await using var player = await Chromium.NewPlayerAsync(broker);
        await player.Page.GotoAsync(allowed.Urls.First());
        const string begin =
            "broker => fetch(broker + '/device_authorization', { method: 'POST', body: new URLSearchParams({ client_id: 'aura' }) })" +
            ".then(reply => reply.json())";
        var root = broker.Url.AbsoluteUri.TrimEnd('/');
        var device = await player.Page.EvaluateAsync<System.Text.Json.JsonElement>(begin, root);
        await browser.SignDeviceInAsync(device.GetProperty("verification_uri_complete").GetString()!);
        const string redeem = """
            async ([broker, code]) => {
              const fields = { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', client_id: 'aura', device_code: code };
              const tokens = await (await fetch(broker + '/token', { method: 'POST', body: new URLSearchParams(fields) })).json();
              const profile = await fetch(broker + '/userinfo?app=aura', { headers: { Authorization: 'Bearer ' + tokens.access_token } });
              return (await profile.json()).data.first_name;
            }
            """;
        Assert.Equal("ada", await player.Page.EvaluateAsync<string>(
            redeem, new[] { root, device.GetProperty("device_code").GetString()! }));

        await player.Page.GotoAsync(other.Urls.First());
        Assert.Equal("refused", await player.Page.EvaluateAsync<string>(
            $"broker => ({begin})(broker).then(() => 'read', () => 'refused')", root));
    }

    private static Task<Broker> StartAsync(params string[] origins) =>
        Broker.StartAsync(settings: origins.Select((origin, index) => (origin, index))
        .ToDictionary(pair => $"Broker:AllowedOrigins:{pair.index}", pair => (string?)pair.origin));

    private static async Task<WebApplication> PageAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = builder.Build();
        server.MapGet("/", () => Results.Content("<!DOCTYPE html><title>A game</title>", "text/html"));
        await server.StartAsync();
        return server;
    }
}
