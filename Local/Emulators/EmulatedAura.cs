using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace TokenBroker.Local.Emulators;

/// <summary>
/// Aura, a Laravel Passport server: no scopes, multipart token requests, long codes and tokens, rotating refresh tokens, a user endpoint.
/// </summary>
internal sealed class EmulatedAura : EmulatedStandardProvider
{
    private readonly Tokens _accessTokens = new();

    public override string Name => "aura";

    protected override string AuthorizePath => "/oauth/authorize";

    protected override string TokenPath => "/oauth/token";

    protected override string UserInfoPath => "/oauth/user";

    protected override string ContentType => "multipart/form-data";

    protected override int RefreshTokenLength => 800;

    protected override string NewCode() => "def50200" + RandomNumberGenerator.GetHexString(692, lowercase: true);

    protected override bool AreScopes(string[] scopes) => scopes.Length == 0;

    protected override void Map(WebApplication app) =>
        app.MapGet(UserInfoPath, (HttpRequest request) => _accessTokens.Find(request.Bearer()) is { } player
        ? Results.Json(new
        {
            data = new
            {
                id = "d9dc02bf-b88f-40bc-b423-bc369f545067",
                first_name = player.Player,
                memberships = request.Query["include"] == "memberships" ? new { data = new[] { new { points = 548.3 } } } : null,
            },
        })
        : Results.Json(new { message = "Unauthenticated." }, statusCode: 401));

    protected override object Issue(Authorization authorization, string refreshToken, Dictionary<string, string> fields) => new
    {
        token_type = "Bearer",
        expires_in = 63158400,
        access_token = _accessTokens.New(authorization, 1000),
        refresh_token = refreshToken,
    };
}
