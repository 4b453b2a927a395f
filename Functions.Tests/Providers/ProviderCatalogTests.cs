using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using TokenBroker.Providers;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Providers;

public sealed class ProviderCatalogTests
{
    [Fact]
    public void Fields_that_an_entry_leaves_out_are_what_the_RFC_says()
    {
        var provider = Parse("""{"docs":"https://example.com/docs","displayName":"Example"}""").Find("x")!;
        Assert.Equal((" ", "access_token", ScopeUse.Required, false),
            (provider.ScopeSeparator, provider.AccessTokenMember, provider.ScopeUse, provider.Pkce));
        Assert.Equal((ClientAuthenticationStyle.Post, BodyFormat.Form), (provider.ClientAuthentication, provider.BodyFormat));
        Assert.Equal(new AuthorizeParameters("response_type", "client_id", "redirect_uri", "scope", "state"),
            provider.AuthorizeParameters);
    }

    [Theory]
    [InlineData("""{"displayName":"Example"}""")]
    [InlineData("""["https://example.com/docs"]""")]
    [InlineData("""{"docs":"https://example.com/docs","displayName":null}""")]
    [InlineData("""{"docs":"https://example.com/docs","displayName":"Example","discovery":true}""")]
    [InlineData("""{"docs":"https://example.com/docs","displayName":"Example","scopes":"read"}""")]
    [InlineData("""{"docs":"https://example.com/docs","displayName":"Example","scopes":[1]}""")]
    [InlineData("""{"docs":"https://example.com/docs","displayName":"Example","scopeUse":"seldom"}""")]
    [InlineData("""{"docs":"https://example.com/docs","displayName":"Example","clientAuthentication":"none"}""")]
    [InlineData("""{"docs":"https://example.com/docs","displayName":"Example","errors":{"expired":1}}""")]
    [InlineData("""{"docs":"https://example.com/docs","displayName":"Example","authorizeParameters":{"client_id":null}}""")]
    [InlineData("""{"docs":"https://example.com/docs","displayName":"Example","surprise":1}""")]
    [InlineData("""{"docs":"https://example.com/docs","displayName":"Example","bodyFormat":"xml"}""")]
    [InlineData("""{"docs":"https://example.com/docs","displayName":"Example","pkce":"yes"}""")]
    [InlineData("""{"docs":"https://example.com/docs","displayName":"Example","authorizeParameters":{"clientid":"x"}}""")]
    [InlineData("""{"docs":"https://example.com/docs","displayName":"Example","tokenEndpoint":"http://example.com/token"}""")]
    public void A_wrong_entry_is_named(string entry) =>
        Assert.Contains("'x'", Assert.Throws<ConfigurationException>(() => Parse(entry).Find("x")).Message, StringComparison.Ordinal);

    [Fact]
    public void Every_field_and_value_of_the_schema_can_be_read()
    {
        using var schema = JsonDocument.Parse(File.ReadAllText(Repository.File("Functions/Providers/providers.schema.json")));
        var fields = schema.RootElement.GetProperty("$defs").GetProperty("provider").GetProperty("properties").EnumerateObject().ToList();
        Assert.Equal(
            typeof(Provider).GetConstructors()[0].GetParameters()
                .Select(parameter => JsonNamingPolicy.CamelCase.ConvertName(parameter.Name!)).Order(),
            fields.Select(field => field.Name).Order());
        foreach (var field in fields)
        {
            foreach (var value in new[] { "enum", "examples" }.SelectMany(
                list => field.Value.TryGetProperty(list, out var values) ? values.EnumerateArray().ToArray() : []))
            {
                var entry = new JsonObject
                {
                    ["docs"] = "https://example.com/docs",
                    ["displayName"] = "Example",
                    ["issuer"] = "https://example.com",
                    ["claimedIdPrefix"] = "https://example.com/id/",
                };
                entry[field.Name] = JsonNode.Parse(value.GetRawText());
                Assert.NotNull(Parse(entry.ToJsonString()).Find("x"));
            }
            Assert.True(field.Value.TryGetProperty("examples", out _), field.Name);
        }
    }

    [Fact]
    public async Task The_shipped_entries_fit_their_schema()
    {
        const string script = """
            const fs = require('node:fs');
            const Ajv = require('ajv/dist/2020').default;
            const read = path => JSON.parse(fs.readFileSync(path, 'utf8'));
            const validate = new Ajv({ allErrors: true }).compile(read('Functions/Providers/providers.schema.json'));
            if (!validate(read('Functions/Providers/providers.json'))) { console.error(validate.errors); process.exit(1); }
            const wrong = { x: { docs: 'https://example.com', displayName: 'X', surprise: 1 } };
            if (validate(wrong)) { console.error('A wrong entry passed.'); process.exit(1); }
            """;
        var (exitCode, output) = await Repository.RunAsync("node", "-e", script);
        Assert.True(exitCode == 0, output);
    }

    [Fact]
    public void No_provider_is_named_in_the_code()
    {
        // The two generic entries are standards, not providers.
        var names = ProviderCatalog.Embedded().All.Where(provider => provider.Name is not ("oauth2" or "oidc"))
            .SelectMany(provider => new[] { provider.Name, provider.DisplayName }).Distinct().ToList();
        foreach (var file in Directory.EnumerateFiles(Repository.File("Functions"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)))
        {
            var code = string.Join('\n', File.ReadLines(file)
                .Select(line => line.Split("//")[0].Replace("Microsoft.", "", StringComparison.Ordinal)));
            foreach (var name in names)
                Assert.DoesNotMatch($@"(?i)\b{System.Text.RegularExpressions.Regex.Escape(name)}\b", code);
        }
    }

    private static ProviderCatalog Parse(string entry) =>
        ProviderCatalog.Parse(new MemoryStream(Encoding.UTF8.GetBytes($$"""{"x":{{entry}}}""")));
}
