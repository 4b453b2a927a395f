using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Endpoints;

public sealed class MetadataTests
{
    [Theory]
    [InlineData("https://broker.example.com", "https://broker.example.com", "")]
    [InlineData("https://broker.example.com/", "https://broker.example.com", "")]
    [InlineData("https://example.com/games/auth", "https://example.com/games/auth", "")]
    [InlineData("https://example.com/games/auth", "https://example.com/games/auth", "/games/auth")]
    [InlineData("https://example.com/games/auth/", "https://example.com/games/auth", "/games/auth")]
    public async Task The_metadata_names_what_there_is_and_nothing_else(string publicUrl, string issuer, string path)
    {
        await using var broker = await Broker.StartAsync(settings: new() { ["Broker:PublicUrl"] = publicUrl });
        using var game = broker.NewGame();
        var reply = await game.GetAsync($"/.well-known/oauth-authorization-server{path}");
        Assert.Equal((200, "application/json"), (reply.Status, reply.Response.Content.Headers.ContentType!.MediaType));
        Assert.Equal(reply.Body, (await game.GetAsync("/.well-known/openid-configuration")).Body);
        Assert.Equal(
            new[]
            {
                $"authorization_endpoint: {issuer}/authorize",
                "authorization_response_iss_parameter_supported: True",
                "claims_supported: [\"iss\",\"aud\",\"sub\",\"iat\",\"exp\",\"auth_time\",\"nonce\",\"at_hash\",\"idp\",\"name\"," +
                    "\"picture\",\"email\",\"email_verified\"]",
                "code_challenge_methods_supported: [\"S256\"]",
                $"device_authorization_endpoint: {issuer}/device_authorization",
                "dpop_signing_alg_values_supported: [\"ES256\",\"RS256\"]",
                "grant_types_supported: [\"authorization_code\",\"urn:ietf:params:oauth:grant-type:device_code\",\"refresh_token\"]",
                "id_token_signing_alg_values_supported: [\"RS256\",\"ES256\"]",
                $"issuer: {issuer}",
                $"jwks_uri: {issuer}/jwks",
                "request_uri_parameter_supported: False",
                "response_modes_supported: [\"query\"]",
                "response_types_supported: [\"code\"]",
                $"revocation_endpoint: {issuer}/revoke",
                "revocation_endpoint_auth_methods_supported: [\"none\"]",
                "scopes_supported: [\"ECom.Shop\",\"SkyStatus.Reporting\",\"basic\",\"contacts:read\",\"content:read\",\"email\"," +
                    "\"events:read\",\"locations:read\",\"openid\",\"people:read\",\"profile\",\"read\"]",
                "subject_types_supported: [\"public\"]",
                $"token_endpoint: {issuer}/token",
                "token_endpoint_auth_methods_supported: [\"none\"]",
                "ui_locales_supported: [\"en\",\"de\",\"fr\",\"es\",\"pt-BR\",\"ja\",\"ko\",\"zh-Hans\",\"zh-Hant\",\"ar\"]",
            },
            reply.Json.EnumerateObject().Select(member => $"{member.Name}: {member.Value}").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("https://broker.example.com", "/games")]
    [InlineData("https://example.com/games/auth", "/games")]
    [InlineData("https://example.com/games/auth", "/games/AUTH")]
    public async Task Another_issuer_is_unknown(string publicUrl, string path)
    {
        await using var broker = await Broker.StartAsync(settings: new() { ["Broker:PublicUrl"] = publicUrl });
        using var game = broker.NewGame();
        Assert.Equal(404, (await game.GetAsync($"/.well-known/oauth-authorization-server{path}")).Status);
    }
}
