using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Endpoints;

public sealed class UserInfoTests
{
    [Fact]
    public async Task A_token_that_the_provider_refuses_is_refused_in_the_words_of_the_RFC()
    {
        await using var broker = await Broker.StartAsync();
        using var game = broker.NewGame();
        var reply = await game.UserInfoAsync("aura", "unknown");
        Assert.Equal((401, "invalid_token", "Bearer error=\"invalid_token\""),
            (reply.Status, reply.Error, reply.Response.Headers.WwwAuthenticate.ToString()));
    }

    [Theory]
    [InlineData("/userinfo?app=aura", 401, "invalid_token")]
    [InlineData("/userinfo?app=nobody", 400, "invalid_client")]
    [InlineData("/userinfo?app=aura&app=aura", 400, "invalid_request")]
    public async Task A_request_without_token_or_game_is_refused(string url, int status, string error)
    {
        await using var broker = await Broker.StartAsync();
        using var game = broker.NewGame();
        var reply = await game.GetAsync(url);
        Assert.Equal((status, error), (reply.Status, reply.Error));
        // RFC 6750 §3.1: who has brought no token is told how to authenticate, and no error.
        Assert.Equal(status == 401 ? "Bearer" : "", reply.Response.Headers.WwwAuthenticate.ToString());
    }

    [Fact]
    public async Task A_provider_without_a_user_endpoint_is_an_invalid_request()
    {
        await using var broker = await Broker.StartAsync();
        using var game = broker.NewGame();
        var reply = await game.UserInfoAsync("lifescope", "token");
        Assert.Equal((400, "invalid_request"), (reply.Status, reply.Error));
    }

    [Theory]
    [InlineData(403, "{}", 403, "insufficient_scope", 1)]
    [InlineData(500, "marked", 502, "temporarily_unavailable", 2)]
    [InlineData(200, "<html>marked</html>", 502, "temporarily_unavailable", 1)]
    [InlineData(302, "", 502, "temporarily_unavailable", 1)]
    public async Task Anything_but_JSON_is_trouble_and_a_failure_is_tried_once_more(
        int given, string body, int status, string error, int tries)
    {
        var asked = 0;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var server = builder.Build();
        server.Urls.Add("http://127.0.0.1:0");
        server.Run(async http =>
        {
            asked++;
            http.Response.StatusCode = given;
            http.Response.Headers.Location = given == 302 ? "/elsewhere" : default(string);
            await http.Response.WriteAsync(body);
        });
        await server.StartAsync();
        await using var broker = await Broker.StartAsync(settings: new() { ["Apps:aura:UserInfoEndpoint"] = server.Urls.First() });
        using var game = broker.NewGame();

        var reply = await game.UserInfoAsync("aura", "token");

        Assert.Equal((status, error, tries), (reply.Status, reply.Error, asked));
        Assert.Equal(status == 403 ? "Bearer error=\"insufficient_scope\"" : "", reply.Response.Headers.WwwAuthenticate.ToString());
        Assert.DoesNotContain("marked", reply.Body, StringComparison.Ordinal);
    }
}
