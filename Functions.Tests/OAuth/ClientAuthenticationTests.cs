using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using TokenBroker.OAuth;
using TokenBroker.Providers;
using TokenBroker.Tests.Apps;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.OAuth;

public sealed class ClientAuthenticationTests
{
    private const string Id = "id with space";
    private const string Secret = "a:b+c%é";

    [Fact]
    public void Post_puts_both_into_the_body()
    {
        var (header, body) = Apply(ClientAuthenticationStyle.Post);
        Assert.Null(header);
        Assert.Equal((Id, Secret), (body["client_id"], body["client_secret"]));
    }

    [Fact]
    public void Basic_encodes_as_the_RFC_asks()
    {
        var (header, body) = Apply(ClientAuthenticationStyle.Basic);
        Assert.Equal("id+with+space:a%3Ab%2Bc%25%C3%A9", header);
        Assert.Empty(body);
    }

    [Fact]
    public void Raw_basic_encodes_nothing()
    {
        var (header, body) = Apply(ClientAuthenticationStyle.BasicRaw);
        Assert.Equal($"{Id}:{Secret}", header);
        Assert.Empty(body);
    }

    [Theory]
    [InlineData("riot", "RS256", "kid", "https://auth.riotgames.com")]
    [InlineData("apple", "ES256", "kid", "https://appleid.apple.com")]
    [InlineData("microsoft", "PS256", "x5t#S256", "https://login.microsoftonline.com/common/oauth2/v2.0/token")]
    public void A_client_with_a_key_signs_for_five_minutes_and_sends_no_secret(
        string provider, string algorithm, string keyHeader, string audience)
    {
        var pem = algorithm == "ES256" ? TestKeys.P256 : TestKeys.Rsa;
        var registration = TestApps.From(
            ("Apps:game:Provider", provider), ("Apps:game:ClientId", Id), ("Apps:game:Scopes:0", "openid"),
            ("Apps:game:ClientKeyId", "the key"), ("Apps:game:ClientKeyIssuer",
                provider == "apple" ? "the team" : "")).Registrations.Single();
        var now = new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
        var tokens = Enumerable.Range(0, 2).Select(_ =>
        {
            using var request = new HttpRequestMessage();
            var body = new Dictionary<string, string>();
            ClientAuthentication.Apply(registration, pem, now, request.Headers, body);
            Assert.Null(request.Headers.Authorization);
            Assert.Equal(Id, body["client_id"]);
            if (provider == "apple")
            {
                Assert.Equal(["client_id", "client_secret"], body.Keys.Order());
                return new JsonWebToken(body["client_secret"]);
            }
            Assert.Equal(["client_assertion", "client_assertion_type", "client_id"], body.Keys.Order());
            Assert.Equal("urn:ietf:params:oauth:client-assertion-type:jwt-bearer", body["client_assertion_type"]);
            return new JsonWebToken(body["client_assertion"]);
        }).ToList();

        Assert.NotEqual(tokens[0].Id, tokens[1].Id);
        var token = tokens[0];
        Assert.Equal((algorithm, "the key"), (token.Alg, token.GetHeaderValue<string>(keyHeader)));
        Assert.Equal(provider == "apple" ? "the team" : Id, token.Issuer);
        Assert.Equal((Id, audience), (token.Subject, token.Audiences.Single()));
        Assert.Equal((now.UtcDateTime, now.UtcDateTime.AddMinutes(5)), (token.IssuedAt, token.ValidTo));
    }

    private static (string? Header, Dictionary<string, string> Body) Apply(ClientAuthenticationStyle style)
    {
        using var request = new HttpRequestMessage();
        var body = new Dictionary<string, string>();
        var lifeScope = TestApps.LifeScope().Registrations.Single();
        var registration = lifeScope with { ClientId = Id, Provider = lifeScope.Provider with { ClientAuthentication = style } };
        ClientAuthentication.Apply(registration, Secret, DateTimeOffset.UnixEpoch, request.Headers, body);
        var parameter = request.Headers.Authorization?.Parameter;
        return (parameter is null ? null : Encoding.UTF8.GetString(Convert.FromBase64String(parameter)), body);
    }
}
