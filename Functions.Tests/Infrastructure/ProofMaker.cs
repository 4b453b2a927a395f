using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace TokenBroker.Tests.Infrastructure;

/// <summary>A game's DPoP key (RFC 9449), and the proofs that it signs, whatever stands in them.</summary>
internal sealed class ProofMaker
{
    private readonly string _algorithm;
    private readonly Func<byte[], byte[]> _sign;
    private readonly Func<CertificateRequest> _certificate;

    public ProofMaker(string algorithm, int bits = 2048)
    {
        _algorithm = algorithm;
        if (algorithm.StartsWith("ES", StringComparison.Ordinal))
        {
            var isP256 = algorithm == "ES256";
            var key = ECDsa.Create(isP256 ? ECCurve.NamedCurves.nistP256 : ECCurve.NamedCurves.nistP384);
            var point = key.ExportParameters(includePrivateParameters: false).Q;
            _sign = data => key.SignData(data, isP256 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA384);
            _certificate = () => new("CN=thief", key, HashAlgorithmName.SHA256);
            Key = new()
            {
                ["kty"] = "EC",
                ["crv"] = isP256 ? "P-256" : "P-384",
                ["x"] = Base64UrlEncoder.Encode(point.X),
                ["y"] = Base64UrlEncoder.Encode(point.Y),
            };
        }
        else
        {
            var key = RSA.Create(bits);
            var parameters = key.ExportParameters(includePrivateParameters: false);
            var padding = algorithm == "PS256" ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1;
            _sign = data => key.SignData(data, HashAlgorithmName.SHA256, padding);
            _certificate = () => new("CN=thief", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            Key = new()
            {
                ["kty"] = "RSA",
                ["n"] = Base64UrlEncoder.Encode(parameters.Modulus),
                ["e"] = Base64UrlEncoder.Encode(parameters.Exponent),
            };
        }
    }

    /// <summary>The public key, as a JWK.</summary>
    public Dictionary<string, object> Key { get; }

    /// <summary>The key's thumbprint (RFC 7638).</summary>
    public string Thumbprint => Base64UrlEncoder.Encode(new JsonWebKey(JsonSerializer.Serialize(Key)).ComputeJwkThumbprint());

    /// <summary>The next proof's header, and its claims.</summary>
    public Dictionary<string, object> Header { get; private set; } = [];

    public Dictionary<string, object> Claims { get; private set; } = [];

    /// <summary>A certificate of the key, which the key itself has signed.</summary>
    public string Certificate()
    {
        using var certificate = _certificate().CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return Convert.ToBase64String(certificate.RawData);
    }

    /// <summary>A proof for a request, with a flaw where a test wants one.</summary>
    public string For(Broker broker, string method, string path, Action<ProofMaker>? flaw = null)
    {
        var key = new Dictionary<string, object>(Key);
        Header = new() { ["typ"] = "dpop+jwt", ["alg"] = _algorithm, ["jwk"] = Key };
        Claims = new()
        {
            ["jti"] = Guid.NewGuid().ToString(),
            ["htm"] = method,
            ["htu"] = $"{broker.PublicUrl.AbsoluteUri.TrimEnd('/')}{path}",
            ["iat"] = broker.Time.GetUtcNow().ToUnixTimeSeconds(),
        };
        flaw?.Invoke(this);
        var signed = $"{Encode(Header)}.{Encode(Claims)}";
        Key.Clear();
        foreach (var (name, value) in key)
            Key[name] = value;
        return $"{signed}.{Base64UrlEncoder.Encode(_sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    private static string Encode(Dictionary<string, object> json) => Base64UrlEncoder.Encode(JsonSerializer.Serialize(json));
}
