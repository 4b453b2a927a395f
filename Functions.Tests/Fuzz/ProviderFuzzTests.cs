using System.Net;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using TokenBroker.Apps;
using TokenBroker.OAuth;
using TokenBroker.Providers;
using TokenBroker.Tests.Apps;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Fuzz;

/// <summary>What a provider, or whoever stands in its place, answers.</summary>
public sealed class ProviderFuzzTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly IReadOnlyCollection<Provider> Providers = ProviderCatalog.Embedded().All;

    /// <summary>One entry for each way in which the parser reads a reply; the others would only take time.</summary>
    private static readonly Provider[] Dialects =
    [
        .. Providers.DistinctBy(provider => (provider.AccessTokenMember, provider.ReplyMember, string.Join(' ', provider.Errors))),
    ];

    private static readonly string[] Values =
    [
        "null", "true", "0", "-1", "7", "400", "401", "500", "3600.5", "1e400", "-1e400", "99999999999999999999", "\"\"", "\"a\"",
        "\"a b\"", "\"a,b\"", "\"3600\"", "\"NaN\"", "\"[\"", "\"[\\\"ECom.Shop\\\"]\"", "\"\\ud800\"", "\"\\u0000\"",
        "\"invalid_grant\"", "\"invalid_client\"", "\"bad_verification_code\"", "[]", "[1]", "[null]", "[\"a\",\"b\"]", "[\"a b\",\"\"]",
        "{}", "{\"access_token\":\"inner\"}", "{\"a\":[{}],\"a\":1}",
    ];

    [Fact]
    public void Any_bytes_are_a_token_or_a_failure() => Fuzz.Check("token-reply", TokenReplies(), body =>
    {
        var texts = new Lazy<string[]>(() => Texts(body));
        foreach (var provider in Dialects)
        {
            var error = TokenReplyParser.ErrorCode(body, provider);
            Assert.True(error is null || texts.Value.Contains(error));
            Assert.NotNull(TokenReplyParser.Parse(HttpStatusCode.BadRequest, body, provider, Now).Failure);
            var result = TokenReplyParser.Parse(HttpStatusCode.OK, body, provider, Now);
            Assert.NotEqual(result.Value is null, result.Failure is null);
            if (result.Value is { } token)
                AssertStandsIn(token, texts.Value);
        }
    });

    [Fact]
    public void Any_bytes_are_a_discovery_document_of_the_configured_issuer_with_safe_endpoints_or_none()
    {
        const string issuer = "https://id.example.com";
        Registration[] registrations = [RegistrationOf(issuer), RegistrationOf("http://localhost:5555/realm"),
            RegistrationOf(issuer, allowPrivate: true)];
        Fuzz.Check("discovery", DiscoveryDocuments(registrations), body =>
        {
            foreach (var registration in registrations)
            {
                if (Discovery.Read(body, registration) is not { } found)
                    continue;
                Assert.Contains(registration.Issuer, Texts(body));
                Assert.NotNull(found.Endpoints.Authorization);
                Assert.NotNull(found.Endpoints.Token);
                var (authorization, token, revocation, userInfo, jwks) = found.Endpoints;
                foreach (var endpoint in new[] { authorization, token, revocation, userInfo, jwks }.OfType<Uri>())
                    AssertMayBeAsked(endpoint, registration);
                // Nothing else of the registration is the provider's to say.
                Assert.Equal(registration, found with
                {
                    Endpoints = registration.Endpoints,
                    SendsIssuer = registration.SendsIssuer,
                    Provider = registration.Provider
                });
            }
        });
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{\"a\":")]
    [InlineData("{\"scope\":[\"a\",\"\\ud800\"],")]
    [InlineData("\"")]
    [InlineData("a=b&")]
    [InlineData("&")]
    [InlineData("%")]
    [InlineData("=")]
    [InlineData(" ")]
    [InlineData("access_token=a&")]
    public void The_longest_body_that_is_read_is_a_token_or_a_failure_too(string part)
    {
        var body = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(part, ProviderHttp.MaxReplyLength / part.Length)));
        var wrapping = Providers.First(provider => provider.ReplyMember is not null);
        Assert.NotNull(TokenReplyParser.Parse(HttpStatusCode.OK, body, wrapping, Now));
        Assert.Null(Discovery.Read(body, RegistrationOf("https://id.example.com")));
    }

    private static void AssertStandsIn(TokenReply token, string[] texts)
    {
        Assert.NotEmpty(token.AccessToken);
        Assert.Contains(token.AccessToken, texts);
        Assert.True(token.RefreshToken is null || texts.Contains(token.RefreshToken));
        Assert.True(token.TokenType is null || texts.Contains(token.TokenType));
        Assert.True(token.ExpiresAt is null || (token.ExpiresAt >= Now && token.ExpiresAt < Now.AddYears(101)));
        // The game gets the rest as JSON.
        Assert.NotNull(JsonSerializer.Serialize(token));
    }

    private static void AssertMayBeAsked(Uri endpoint, Registration registration)
    {
        Assert.Empty(endpoint.UserInfo);
        Assert.DoesNotContain('#', endpoint.AbsoluteUri);
        var mayBeHere = registration.AllowPrivateNetwork || registration.Issuer!.StartsWith("http://localhost", StringComparison.Ordinal);
        Assert.True(mayBeHere || !endpoint.IsLoopback);
        Assert.True(endpoint.Scheme == "https" || (endpoint.Scheme == "http" && endpoint.IsLoopback));
    }

    /// <summary>Every text in a body: the strings of JSON, or the values of a form.</summary>
    private static string[] Texts(byte[] body)
    {
        var text = Encoding.UTF8.GetString(body).TrimStart('\ufeff').Trim();
        if (text.StartsWith('{'))
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text), new() { MaxDepth = 1000 });
            using var document = JsonDocument.ParseValue(ref reader);
            return [.. Strings(document.RootElement)];
        }
        return [.. text.Split('&').Where(pair => pair.Contains('=', StringComparison.Ordinal))
            .Select(pair => Uri.UnescapeDataString(pair[(pair.IndexOf('=', StringComparison.Ordinal) + 1)..].Replace('+', ' ')))];
    }

    private static IEnumerable<string> Strings(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(member => Strings(member.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Strings),
        JsonValueKind.String when Read(element) is { } text => [text],
        _ => [],
    };

    /// <summary>Null where the string is no Unicode.</summary>
    private static string? Read(JsonElement element)
    {
        try
        {
            return element.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static Gen<string> TokenReplies()
    {
        var names = Providers.Select(provider => provider.AccessTokenMember).Distinct().Concat(
            ["token_type", "expires_in", "refresh_token", "scope", "error", "code", "status", "other"]);
        var replies = Providers.Where(provider => provider.Protocol == Protocol.OAuth2).Select(provider => Repository.File(
            "Functions.Tests", "Providers", "Replies", $"{provider.Name}.jsonc"))
            .Select(file => string.Join('\n', File.ReadAllLines(file).Where(line => !line.StartsWith("//", StringComparison.Ordinal))));
        var members = Members([.. names], Gen.Elements(Values)).Select(Object);
        var wrapped = from inner in members select $$"""{"success":true,"body":{{inner}}}""";
        var pair =
            from name in Gen.Elements(names)
            from value in Gen.Elements("", "a", "a+b", "a%20b", "%C3%A9", "%ff", "3600", "[%22a%22]")
            select $"{name}={value}";
        var form = from pairs in Gen.ListOf(pair) select string.Join('&', pairs);
        return Gen.Frequency((2, Gen.Elements(replies)), (4, members), (2, wrapped), (2, form));
    }

    private static Gen<string> DiscoveryDocuments(Registration[] registrations)
    {
        string[] urls =
        [
            "https://id.example.com/a", "http://id.example.com/a", "http://localhost:5555/a", "https://127.0.0.1/a", "https://[::1]/a",
            "http://127.1/a", "https://u:p@id.example.com/a", "https://id.example.com/a#f", "https://id.example.com/#",
            "file:///etc/passwd", "javascript:alert(1)", "//id.example.com/a", "/a", "", "https://\\ud800",
            "https://id.example.com\\\\@evil.example/a",
        ];
        var endpoint = Gen.Frequency((3, Gen.Constant("\"https://id.example.com/a\"")),
            (4, Gen.Elements(urls).Select(url => $"\"{url}\"")), (1, Gen.Elements(Values)));
        var list = Gen.Frequency((1, Gen.Elements(Values)),
            (3, Gen.Elements("[]", "[\"S256\"]", "[\"client_secret_post\"]", "[\"client_secret_basic\",null]")));
        return
            from issuer in Gen.Elements(registrations)
            from authorization in endpoint
            from token in endpoint
            from more in Members(["revocation_endpoint", "userinfo_endpoint", "jwks_uri", "token_endpoint", "issuer"], endpoint)
            from lists in Members(["code_challenge_methods_supported", "token_endpoint_auth_methods_supported",
                "authorization_response_iss_parameter_supported"], list)
            select Object([.. more, $"\"issuer\":\"{issuer.Issuer}\"", $"\"authorization_endpoint\":{authorization}",
                $"\"token_endpoint\":{token}", .. lists]);
    }

    /// <summary>Some members, of which one may come twice.</summary>
    private static Gen<List<string>> Members(string[] names, Gen<string> values)
    {
        var member = from name in Gen.Elements(names) from value in values select $"\"{name}\":{value}";
        return from count in Gen.Choose(0, 6) from members in Gen.ListOf(member, count) select members;
    }

    private static string Object(IEnumerable<string> members) => $"{{{string.Join(',', members)}}}";

    private static Registration RegistrationOf(string issuer, bool allowPrivate = false) => TestApps.From(
        ("Apps:game:Provider", "oidc"), ("Apps:game:ClientId", "id"), ("Apps:game:Issuer", issuer), ("Apps:game:Scopes:0", "openid"),
        ("Apps:game:AllowPrivateNetwork", allowPrivate ? "true" : "false")).Registrations.Single();
}
