using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Endpoints;

public sealed class RevokeTests
{
    [Fact]
    public async Task A_revoked_sealed_token_is_refused_also_where_the_provider_cannot_revoke()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var tokens = await game.ExchangeAsync(await browser.SignInAsync());
        // LifeScope keeps its refresh token, so the token that a refresh brings is another form of the same one.
        var another = (await game.RefreshAsync("lifescope", tokens.Text("refresh_token")!)).Text("refresh_token")!;

        var reply = await game.PostAsync("/revoke", ("client_id", "lifescope"), ("token", tokens.Text("refresh_token")!));

        Assert.Equal((200, ""), (reply.Status, reply.Body));
        Assert.Equal("invalid_grant", (await game.RefreshAsync("lifescope", tokens.Text("refresh_token")!)).Error);
        Assert.Equal("invalid_grant", (await game.RefreshAsync("lifescope", another)).Error);
    }

    [Theory]
    [InlineData("unknown")]
    [InlineData("tb1.unknown.unknown")]
    public async Task An_unknown_token_is_revoked_as_far_as_anybody_can_tell(string token)
    {
        await using var broker = await Broker.StartAsync();
        using var game = broker.NewGame();
        Assert.Equal(200, (await game.PostAsync("/revoke", ("client_id", "lifescope"), ("token", token))).Status);
    }

    [Fact]
    public async Task Another_game_s_token_is_left_alone()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var token = (await game.ExchangeAsync(await browser.SignInAsync())).Text("refresh_token")!;
        Assert.Equal(200, (await game.PostAsync("/revoke", ("client_id", "aura"), ("token", token))).Status);
        Assert.Equal(200, (await game.RefreshAsync("lifescope", token)).Status);
    }

    [Fact]
    public async Task What_is_missing_or_repeated_is_named()
    {
        await using var broker = await Broker.StartAsync();
        using var game = broker.NewGame();
        Assert.Equal("invalid_request", (await game.PostAsync("/revoke", ("client_id", "lifescope"))).Error);
        Assert.Equal("invalid_request",
            (await game.PostAsync("/revoke", ("client_id", "lifescope"), ("token", "a"), ("token", "b"))).Error);
        Assert.Equal("invalid_client", (await game.PostAsync("/revoke", ("client_id", "nobody"), ("token", "a"))).Error);
    }

    [Theory]
    [InlineData(200, "", 200, null)]
    [InlineData(400, "{\"error\":\"unsupported_token_type\"}", 400, "unsupported_token_type")]
    [InlineData(404, "", 503, "temporarily_unavailable")]
    [InlineData(429, "", 503, "temporarily_unavailable")]
    [InlineData(302, "", 503, "temporarily_unavailable")]
    [InlineData(400, "{\"status\":400,\"message\":\"Invalid token\"}", 200, null)]
    [InlineData(400, "{\"error\":\"invalid_client\"}", 502, "temporarily_unavailable")]
    [InlineData(401, "", 502, "temporarily_unavailable")]
    [InlineData(503, "", 503, "temporarily_unavailable")]
    public async Task The_provider_is_asked_in_its_dialect_and_its_answer_decides(int status, string body, int expected, string? error)
    {
        var asked = new List<string>();
        await using var server = await ServerAsync(async http =>
        {
            var form = await http.Request.ReadFormAsync();
            asked.Add($"{form["token"]} {form["token_type_hint"]} {form["client_id"]}{http.Request.Headers.Authorization}");
            http.Response.StatusCode = status;
            await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(body));
        });
        await using var broker = await Broker.StartAsync(settings: new()
        {
            ["Apps:lifescope:RevocationEndpoint"] = $"{server.Urls.First()}/revoke",
            ["Apps:webroot:RevocationEndpoint"] = $"{server.Urls.First()}/revoke",
        });
        using var game = broker.NewGame();
        var reply = await game.PostAsync("/revoke", ("client_id", "lifescope"), ("token", "marked"));
        Assert.Equal((expected, error), (reply.Status, reply.Body.Length == 0 ? null : reply.Error));
        Assert.Equal("marked access_token lifescope-client-id", asked[0]);
        Assert.Equal(expected == 503, reply.Response.Headers.RetryAfter is not null);

        await game.PostAsync("/revoke", ("client_id", "webroot"), ("token", "marked"));
        Assert.StartsWith("marked access_token Basic ", asked[^1], StringComparison.Ordinal);
        Assert.DoesNotContain("marked", broker.LogText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_provider_gets_its_own_refresh_token_and_not_the_sealed_one()
    {
        var asked = new List<string>();
        await using var server = await ServerAsync(async http =>
        {
            var form = await http.Request.ReadFormAsync();
            asked.Add($"{form["token"]} {form["token_type_hint"]}");
        });
        await using var broker = await Broker.StartAsync(
            settings: new() { ["Apps:lifescope:RevocationEndpoint"] = $"{server.Urls.First()}/revoke" });
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var token = (await game.ExchangeAsync(await browser.SignInAsync())).Text("refresh_token")!;
        Assert.Equal(200, (await game.PostAsync("/revoke", ("client_id", "lifescope"), ("token", token))).Status);
        var sent = Assert.Single(asked).Split(' ');
        Assert.Equal("refresh_token", sent[1]);
        Assert.DoesNotContain("tb1.", sent[0], StringComparison.Ordinal);
        Assert.Matches("^[0-9a-f]{64}$", sent[0]);
    }

    private static async Task<WebApplication> ServerAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://{IPAddress.Loopback}:0");
        var server = builder.Build();
        server.MapPost("/revoke", answer);
        await server.StartAsync();
        return server;
    }
}
