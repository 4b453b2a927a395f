using System.Text.Json;
using Microsoft.AspNetCore.Http;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Endpoints;

/// <summary>The token requests that reach a provider are the ones that its own document shows, with the values of its examples.</summary>
public sealed class SeedRequestTests
{
    [Fact]
    public async Task Webroot_gets_basic_authentication_and_a_form_with_scope()
    {
        var (headers, body) = await RefreshAsync("webroot", "myTestApp", "mySecret", "ECom.Shop", "e638d190ecec49aa80157e86fb11e4e5");
        Assert.Equal("Basic bXlUZXN0QXBwOm15U2VjcmV0", headers["Authorization"]);
        Assert.Equal("application/x-www-form-urlencoded", headers["Content-Type"]);
        Assert.Equal("grant_type=refresh_token&refresh_token=e638d190ecec49aa80157e86fb11e4e5&scope=ECom.Shop", body);
    }

    [Fact]
    public async Task Aura_gets_multipart_with_exactly_the_documented_fields()
    {
        var (headers, body) = await RefreshAsync("aura", "{client_id}", "{client_secret}", "", "def50200cdd7");
        Assert.StartsWith("multipart/form-data;", headers["Content-Type"], StringComparison.Ordinal);
        Assert.Equal(
            ["client_id", "client_secret", "grant_type", "refresh_token"],
            System.Text.RegularExpressions.Regex.Matches(body, "name=\"([a-z_]+)\"").Select(match => match.Groups[1].Value).Order());
        Assert.Contains("def50200cdd7", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tachi_gets_exactly_five_fields_of_JSON()
    {
        await using var broker = await Broker.StartAsync(
            settings: new() { ["Apps:tachi:ClientId"] = "my_client_id", ["Apps:tachi:ClientSecret"] = "some_secret_value!" });
        var (_, body) = await ExchangeAsync(broker, "tachi", "", "context", "intermediate_code", new { token = "fdbufasbfuarf" });
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["client_id"] = "my_client_id",
                ["client_secret"] = "some_secret_value!",
                ["grant_type"] = "authorization_code",
                ["redirect_uri"] = $"{broker.Url.AbsoluteUri}complete",
                ["code"] = "intermediate_code",
            },
            JsonSerializer.Deserialize<Dictionary<string, string>>(body));
    }

    [Fact]
    public async Task Wishtack_gets_a_form_with_the_secret_in_it()
    {
        await using var broker = await Broker.StartAsync(
            settings: new() { ["Apps:wishtack:ClientId"] = "CLIENT_ID", ["Apps:wishtack:ClientSecret"] = "CLIENT_SECRET" });
        var (_, body) = await ExchangeAsync(
            broker, "wishtack", "read", "state", "AUTHORIZATION_CODE", new { access_token = "ACCESS_TOKEN" });
        Assert.Equal(
            ["client_id=CLIENT_ID", "client_secret=CLIENT_SECRET", "code=AUTHORIZATION_CODE", "grant_type=authorization_code",
                $"redirect_uri={Uri.EscapeDataString($"{broker.Url.AbsoluteUri}complete")}"],
            body.Split('&').Order());
    }

    private static async Task<(Dictionary<string, string> Headers, string Body)> RefreshAsync(
        string app, string clientId, string secret, string scopes, string refreshToken)
    {
        await using var broker = await Broker.StartAsync(
            settings: new() { [$"Apps:{app}:ClientId"] = clientId, [$"Apps:{app}:ClientSecret"] = secret });
        using var game = broker.NewGame();
        var requests = new List<(Dictionary<string, string>, string)>();
        await ExchangeAsync(broker, app, scopes, "state", "code", new { access_token = "at", refresh_token = refreshToken }, requests,
            async code =>
            await game.RefreshAsync(app, (await game.ExchangeAsync(code)).Text("refresh_token")!));
        return requests[1];
    }

    private static async Task<(Dictionary<string, string> Headers, string Body)> ExchangeAsync(
        Broker broker, string app, string scopes, string stateName, string code, object reply,
        List<(Dictionary<string, string>, string)>? requests = null, Func<string, Task>? then = null)
    {
        requests ??= [];
        broker.Emulator(app).Misbehaviour = async http =>
        {
            using var reader = new StreamReader(http.Request.Body);
            requests.Add((http.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString()),
                await reader.ReadToEndAsync()));
            await http.Response.WriteAsJsonAsync(reply);
        };
        using var browser = broker.NewBrowser();
        var start = await browser.GetAsync($"/create-session?app={app}&scopes={scopes}");
        var state = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(new Uri(start.Location!).Query)[stateName];
        var page = await browser.OpenAsync($"/complete?code={code}&{stateName}={state}");
        if (then is not null)
            await then(page.AccessCode!);
        return requests[0];
    }
}
