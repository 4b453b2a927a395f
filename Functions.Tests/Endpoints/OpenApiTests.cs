using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using TokenBroker.Tests.Infrastructure;
using TokenBroker.Web;

namespace TokenBroker.Tests.Endpoints;

/// <summary>The OpenAPI document against the code: routes, parameters, errors.</summary>
public sealed class OpenApiTests : IAsyncLifetime
{
    private Broker _broker = null!;
    private JsonElement _document;

    public async Task InitializeAsync()
    {
        _broker = await Broker.StartAsync();
        using var game = _broker.NewGame();
        _document = (await game.GetAsync("/openapi.json")).Json;
    }

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Fact]
    public async Task It_is_a_valid_OpenAPI_document_that_names_this_server()
    {
        Assert.Equal("3.1.0", _document.GetProperty("openapi").GetString());
        Assert.Equal(_broker.Url.AbsoluteUri.TrimEnd('/'), _document.GetProperty("servers")[0].GetProperty("url").GetString());
        var (exitCode, output) = await Repository.RunAsync("node", "--input-type=module", "--eval", """
            import { readFileSync } from 'node:fs';
            import { Validator } from '@seriousme/openapi-schema-validator';
            const result = await new Validator().validate(JSON.parse(readFileSync('Functions/Endpoints/openapi.json', 'utf8')));
            if (!result.valid) { console.log(JSON.stringify(result.errors)); process.exit(1); }
            """);
        Assert.True(exitCode == 0, output);
    }

    [Fact]
    public void It_names_every_route_with_its_methods()
    {
        var served = Routes.All
            .SelectMany(function => function.Methods.Select(method => $"{method} /{Routes.PathOf(function)}"));
        var written = Operations().Select(operation => $"{operation.Method} {operation.Path}");
        Assert.Equal(served.Order(StringComparer.Ordinal), written.Order(StringComparer.Ordinal));
        var ids = Operations().Select(operation => operation.Json.GetProperty("operationId").GetString()).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
    }

    [Theory]
    [InlineData("CreateSession", "/create-session", "/create_session")]
    [InlineData("Authorize", "/authorize")]
    [InlineData("Complete", "/complete")]
    [InlineData("ExchangeCode", "/exchange-code", "/exchange_code")]
    [InlineData("DeviceAuthorization", "/device_authorization")]
    [InlineData("Device", "/device")]
    [InlineData("DeviceQr", "/device/qr")]
    [InlineData("Token", "/token")]
    [InlineData("Revoke", "/revoke")]
    [InlineData("UserInfo", "/userinfo")]
    public void It_names_every_parameter_that_the_code_reads(string endpoint, params string[] paths)
    {
        var code = File.ReadAllText(Repository.File("Functions", "Endpoints", $"{endpoint}.cs"));
        var read = Regex.Matches(code, "parameters\\[\"(\\w+)\"\\]").Select(match => match.Groups[1].Value)
            .Concat(Regex.Matches(code, @"ReadAsync\(([^)]*)\)")
                .SelectMany(match => Regex.Matches(match.Groups[1].Value, "\"(\\w+)\"").Select(name => name.Groups[1].Value)))
            .Concat(Regex.Matches(code, "Headers\\[\"(DPoP)\"\\]").Select(match => match.Groups[1].Value))
            .Concat(code.Contains("SignInParameters.Names", StringComparison.Ordinal) ? SignInParameters.Names : [])
            // The provider names it; the document says so.
            .Concat(endpoint == "Complete" ? ["state", "openid.mode"] : []);
        foreach (var path in paths)
        {
            var written = Operations().Where(operation => operation.Path == path).SelectMany(operation => Parameters(operation.Json));
            // ui_locales is read by every page.
            Assert.Equal(read.Distinct().Order(), written.Distinct().Except(["ui_locales"]).Order());
        }
    }

    [Fact]
    public void It_names_every_error_there_is()
    {
        // Those of /authorize stand in the redirect.
        var redirect = Operations().Single(operation => operation.Path == "/authorize").Json.GetProperty("responses").GetProperty("303");
        var redirected = redirect.GetProperty("x-errors").EnumerateArray().Select(error => (400, error.GetString()!));
        var written = Operations().SelectMany(operation => Errors(operation.Json)).Concat(redirected).ToHashSet();
        var errors = typeof(OAuthError).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (OAuthError)field.GetValue(null)!);
        Assert.All(errors, error => Assert.Contains((error.Status, error.Error), written));
    }

    [Fact]
    public async Task Real_answers_are_those_it_promises()
    {
        using var browser = _broker.NewBrowser();
        using var game = _broker.NewGame();
        var seen = 0;
        async Task<Reply> ExpectAsync(string method, string url, int status, params (string Name, string Value)[] fields)
        {
            var reply = method == "POST" ? await game.PostAsync(url, fields) : await game.GetAsync(url);
            var operation = Operations().Single(candidate => candidate.Method == method && candidate.Path == url.Split('?')[0]).Json;
            Assert.Equal(status, reply.Status);
            Assert.True(operation.GetProperty("responses").TryGetProperty($"{status}", out var response),
                $"{method} {url} {status} is not written down.");
            if (status >= 400)
                Assert.Contains((status, reply.Error!), Errors(operation));
            else if (response.TryGetProperty("content", out var content) && content.TryGetProperty("application/json", out var json) &&
                json.GetProperty("schema").TryGetProperty("$ref", out var schema))
                AssertMembers(reply.Json, schema.GetString()!);
            seen++;
            return reply;
        }

        var tokens = await ExpectAsync("POST", "/exchange-code", 200, ("access_code", await browser.SignInAsync()));
        await ExpectAsync("GET", $"/exchange_code?access_code={await browser.SignInAsync("/create-session?app=wishtack&scopes=read")}",
            200);
        await ExpectAsync("GET", "/exchange-code", 400);
        await ExpectAsync("GET", "/exchange-code?access_code=a2B3c4D5", 400);
        await ExpectAsync("GET", "/exchange-code?access_code=a2B3c4D5&app=nobody", 400);
        await ExpectAsync("POST", "/token", 200, ("grant_type", "refresh_token"), ("client_id", "lifescope"),
            ("refresh_token", tokens.Text("refresh_token")!));
        foreach (var grant in new[] { "password", "refresh_token", "" })
            await ExpectAsync("POST", "/token", 400, ("grant_type", grant), ("client_id", "nobody"), ("refresh_token", "x"));
        var device = await ExpectAsync("POST", "/device_authorization", 200, ("client_id", "lifescope"), ("scope", "basic"));
        await ExpectAsync("POST", "/device_authorization", 400, ("client_id", "lifescope"), ("scope", "steal"));
        (string, string)[] poll = [("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("client_id", "lifescope"),
            ("device_code", device.Text("device_code")!)];
        await ExpectAsync("POST", "/token", 400, poll);
        await ExpectAsync("POST", "/token", 400, poll);
        await browser.SignDeviceInAsync(device.Text("verification_uri_complete")!);
        await ExpectAsync("POST", "/token", 200, poll);
        _broker.Time.Advance(TimeSpan.FromMinutes(5));
        await ExpectAsync("POST", "/token", 400, poll);
        _broker.LifeScope.Misbehaviour = http =>
        {
            http.Response.StatusCode = 503;
            return Task.CompletedTask;
        };
        await ExpectAsync("POST", "/token", 502, ("grant_type", "refresh_token"), ("client_id", "lifescope"),
            ("refresh_token", tokens.Text("refresh_token")!));
        await ExpectAsync("GET", "/userinfo?app=aura", 401);
        await ExpectAsync("GET", "/userinfo?app=nobody", 400);
        await ExpectAsync("POST", "/revoke", 400);
        await ExpectAsync("GET", "/device/qr", 400);
        await ExpectAsync("GET", "/health", 200);
        for (var guess = 0; guess < 10; guess++)
            await game.ExchangeAsync(Codes.New().Text);
        await ExpectAsync("GET", "/exchange-code?access_code=a2B3c4D5", 429);
        Assert.Equal(22, seen);
    }

    private IEnumerable<(string Path, string Method, JsonElement Json)> Operations() =>
        from path in _document.GetProperty("paths").EnumerateObject()
        from method in path.Value.EnumerateObject()
        select (path.Name, method.Name.ToUpperInvariant(), method.Value);

    private static IEnumerable<string> Parameters(JsonElement operation)
    {
        var query = operation.TryGetProperty("parameters", out var parameters) ? parameters.EnumerateArray()
            .Select(parameter => parameter.GetProperty("name").GetString()!) : [];
        var form = operation.TryGetProperty("requestBody", out var body)
            ? body.GetProperty("content").GetProperty("application/x-www-form-urlencoded").GetProperty("schema").GetProperty("properties")
                .EnumerateObject().Select(field => field.Name)
            : [];
        return query.Concat(form);
    }

    private static IEnumerable<(int Status, string Error)> Errors(JsonElement operation) =>
        from response in operation.GetProperty("responses").EnumerateObject()
        where response.Value.TryGetProperty("content", out var content) && content.TryGetProperty("application/json", out var json) &&
            json.GetProperty("schema").TryGetProperty("allOf", out _)
        from error in response.Value.GetProperty("content").GetProperty("application/json").GetProperty("schema").GetProperty("allOf")[1]
            .GetProperty("properties").GetProperty("error").GetProperty("enum").EnumerateArray()
        select (int.Parse(response.Name, System.Globalization.CultureInfo.InvariantCulture), error.GetString()!);

    /// <summary>Every member of an answer is written down, and every required one is there.</summary>
    private void AssertMembers(JsonElement answer, string schemaReference)
    {
        var schema = _document.GetProperty("components").GetProperty("schemas").GetProperty(schemaReference.Split('/')[^1]);
        Assert.Empty(answer.EnumerateObject().Select(member => member.Name)
            .Except(schema.GetProperty("properties").EnumerateObject().Select(member => member.Name)));
        Assert.Empty(schema.GetProperty("required").EnumerateArray().Select(member => member.GetString()!)
            .Except(answer.EnumerateObject().Select(member => member.Name)));
    }
}
