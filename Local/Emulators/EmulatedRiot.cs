using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace TokenBroker.Local.Emulators;

/// <summary>
/// Riot: an OpenID provider that takes no secret, but a JWT that the client's key has signed (RFC 7523), once, for its issuer, and for five
/// minutes at most.
/// </summary>
internal class EmulatedRiot : EmulatedOpenId
{
    private readonly ConcurrentDictionary<string, bool> _used = new();

    public override string Name => "riot";

    /// <summary>The client's key, in PEM: the broker has it whole, the provider knows the public half.</summary>
    public string ClientKey { get; set; } = NewClientKey();

    protected override string[] Known => ["openid"];

    protected virtual string Audience => Issuer;

    public override IEnumerable<KeyValuePair<string, string?>> Registration(string section, string clientId) =>
    [
        .. base.Registration(section, clientId).Where(setting => setting.Key != $"{section}:ClientSecret"),
        new($"{section}:ClientKey", ClientKey), new($"{section}:ClientKeyId", "demo-key"),
        new($"{section}:AuthorizationEndpoint", AuthorizationEndpoint.AbsoluteUri),
        new($"{section}:TokenEndpoint", new Uri(Url, TokenPath).AbsoluteUri),
        new($"{section}:UserInfoEndpoint", new Uri(Url, UserInfoPath).AbsoluteUri),
        new($"{section}:JwksEndpoint", new Uri(Url, KeysPath).AbsoluteUri),
    ];

    protected override string? FindProblem(IQueryCollection query, out Authorization authorization)
    {
        var problem = base.FindProblem(query, out authorization);
        return problem == "PKCE is required." ? null : problem; // It is not, at this provider.
    }

    protected override bool IsClient(HttpRequest request, Dictionary<string, string> fields) =>
        request.BasicCredentials() is null && !fields.ContainsKey("client_secret") &&
            fields.GetValueOrDefault("client_assertion_type") == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" &&
            IsSigned(fields.GetValueOrDefault("client_assertion"), fields.GetValueOrDefault("client_id"),
                fields.GetValueOrDefault("client_id"));

    /// <summary>Whether a JWT is the client's, new, and for us.</summary>
    protected bool IsSigned(string? text, string? clientId, string? issuer)
    {
        if (text is null || !IsClientId(clientId))
            return false;
        var token = new JsonWebToken(text);
        var parameters = new TokenValidationParameters
        {
            IssuerSigningKey = PublicKey(),
            ValidIssuer = issuer,
            ValidAudience = Audience,
            ValidAlgorithms = [Algorithm],
            ClockSkew = TimeSpan.Zero,
            LifetimeValidator = (_, expires, _, _) => expires - token.IssuedAt <= TimeSpan.FromMinutes(5),
        };
        var result = new JsonWebTokenHandler().ValidateTokenAsync(text, parameters).GetAwaiter().GetResult();
        return result.IsValid && token.Subject == clientId && token.Kid == "demo-key" && _used.TryAdd(token.Id, true);
    }

    protected virtual string Algorithm => SecurityAlgorithms.RsaSha256;

    protected virtual SecurityKey PublicKey()
    {
        var rsa = RSA.Create();
        rsa.ImportFromPem(ClientKey);
        return new RsaSecurityKey(rsa.ExportParameters(includePrivateParameters: false));
    }

    private static string NewClientKey()
    {
        using var rsa = RSA.Create(2048);
        return rsa.ExportPkcs8PrivateKeyPem();
    }
}
