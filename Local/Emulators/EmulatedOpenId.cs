using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace TokenBroker.Local.Emulators;

/// <summary>
/// An OpenID provider that describes itself: PKCE and nonce required, ID tokens under keys that rotate, and the name at the user endpoint
/// only.
/// </summary>
internal class EmulatedOpenId : EmulatedStandardProvider
{
    /// <summary>How many ID tokens a key signs before the next one takes over.</summary>
    private const int TokensOfAKey = 10;

    private static readonly JsonWebTokenHandler Handler = new() { SetDefaultTimesOnTokenCreation = false };
    private static readonly string[] ChallengeMethods = ["S256"];
    private static readonly string[] AuthenticationMethods = ["client_secret_post"];
    private readonly Tokens _accessTokens = new();
    private readonly List<RsaSecurityKey> _keys = [NewKey()];
    private readonly Lock _lock = new();
    private int _signed;

    public override string Name => "oidc";

    /// <summary>Changes the claims before they are signed: what a provider that lies does.</summary>
    public Action<Dictionary<string, object>>? Lie { get; set; }

    /// <summary>Makes an ID token in place of the genuine one, which it is given.</summary>
    public Func<string, string?>? Replace { get; set; }

    /// <summary>What the user endpoint says in place of the truth.</summary>
    public Func<object>? Profile { get; set; }

    /// <summary>Whether keys and profiles are out of order.</summary>
    public bool IsDown { get; set; }

    /// <summary>How often the keys were asked for.</summary>
    public int KeyRequests { get; private set; }

    protected override string AuthorizePath => "/authorize";

    protected override string TokenPath => "/token";

    protected override string UserInfoPath => "/userinfo";

    protected virtual string KeysPath => "/jwks";

    protected override int RefreshTokenLength => 40;

    protected virtual string[] Known => ["openid", "profile", "email"];

    /// <summary>Its issuer identifier.</summary>
    public string Issuer => Url.AbsoluteUri.TrimEnd('/');

    public override IEnumerable<KeyValuePair<string, string?>> Registration(string section, string clientId) =>
    [
        new($"{section}:ClientId", clientId), new($"{section}:ClientSecret", ClientSecret), new($"{section}:Issuer", Issuer),
        .. Known.Select((scope, index) => KeyValuePair.Create($"{section}:Scopes:{index}", (string?)scope)),
    ];

    /// <summary>Signs with a new key from now on; the one before stays published.</summary>
    public void RotateKey()
    {
        lock (_lock)
        {
            _keys.Insert(0, NewKey());
            if (_keys.Count > 2)
                _keys.RemoveAt(2);
            _signed = 0;
        }
    }

    protected override void Map(WebApplication app)
    {
        app.MapGet("/.well-known/openid-configuration", () => new
        {
            issuer = Issuer,
            authorization_endpoint = Issuer + AuthorizePath,
            token_endpoint = Issuer + TokenPath,
            userinfo_endpoint = Issuer + UserInfoPath,
            jwks_uri = Issuer + KeysPath,
            code_challenge_methods_supported = ChallengeMethods,
            token_endpoint_auth_methods_supported = AuthenticationMethods,
        });
        app.MapGet(KeysPath, () =>
        {
            KeyRequests++;
            lock (_lock)
                return IsDown ? Results.StatusCode(503) : Results.Json(new { keys = _keys.Select(Public) });
        });
        app.MapGet("/userinfo", (HttpRequest request) => IsDown ? Results.StatusCode(503)
            : _accessTokens.Find(request.Bearer()) is not { } player ? Results.StatusCode(401)
            : Results.Json(Profile?.Invoke() ?? new { sub = SubjectOf(player.Player), name = player.Player }));
    }

    protected override string? FindProblem(IQueryCollection query, out Authorization authorization) =>
        base.FindProblem(query, out authorization) ??
            (authorization.CodeChallenge is not { Length: > 0 } ? "PKCE is required."
            : authorization.Scopes.Contains("openid") && authorization.Nonce is not { Length: > 0 } ? "A nonce is required."
            : null);

    protected override bool AreScopes(string[] scopes) => scopes.Contains("openid") && !scopes.Except(Known).Any();

    protected override object Issue(Authorization authorization, string refreshToken, Dictionary<string, string> fields) => new
    {
        access_token = _accessTokens.New(authorization, 40),
        token_type = "Bearer",
        expires_in = 3600,
        refresh_token = refreshToken,
        scope = string.Join(' ', authorization.Scopes),
        id_token = IdToken(authorization, isRefresh: fields["grant_type"] == "refresh_token"),
    };

    /// <summary>The id that the player keeps.</summary>
    protected static string SubjectOf(string player) =>
        Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(player)))[..16];

    /// <summary>What the ID token says beside the usual.</summary>
    protected virtual void AddClaims(Authorization authorization, Dictionary<string, object> claims)
    {
        if (!authorization.Scopes.Contains("email"))
            return;
        claims["email"] = $"{SubjectOf(authorization.Player)}@example.com";
        claims["email_verified"] = true;
    }

    private string? IdToken(Authorization authorization, bool isRefresh)
    {
        var now = Now.ToUnixTimeSeconds();
        var claims = new Dictionary<string, object>
        {
            ["iss"] = Issuer,
            ["sub"] = SubjectOf(authorization.Player),
            ["aud"] = authorization.ClientId,
            ["iat"] = now,
            ["exp"] = now + 600,
        };
        if (!isRefresh && authorization.Nonce is { Length: > 0 } nonce)
            claims["nonce"] = nonce;
        AddClaims(authorization, claims);
        Lie?.Invoke(claims);
        var genuine = Sign(claims);
        return Replace is null ? genuine : Replace(genuine);
    }

    private string Sign(Dictionary<string, object> claims)
    {
        lock (_lock)
        {
            if (_signed++ >= TokensOfAKey)
                RotateKey();
            return Handler.CreateToken(new SecurityTokenDescriptor
            {
                Claims = claims,
                SigningCredentials = new(_keys[0], SecurityAlgorithms.RsaSha256),
            });
        }
    }

    private static RsaSecurityKey NewKey() => new(RSA.Create(2048)) { KeyId = RandomNumberGenerator.GetHexString(8) };

    private static object Public(RsaSecurityKey key)
    {
        var numbers = key.Rsa.ExportParameters(includePrivateParameters: false);
        return new
        {
            kty = "RSA",
            use = "sig",
            alg = "RS256",
            kid = key.KeyId,
            n = Base64UrlEncoder.Encode(numbers.Modulus),
            e = Base64UrlEncoder.Encode(numbers.Exponent),
        };
    }
}
