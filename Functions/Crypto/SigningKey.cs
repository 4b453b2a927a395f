using System.Buffers.Text;
using Microsoft.IdentityModel.Tokens;

namespace TokenBroker.Crypto;

/// <summary>A private key that signs JWTs: RSA of at least 2048 bits, or P-256.</summary>
public sealed class SigningKey
{
    /// <summary>The fewest bits that an RSA key may have (RFC 7518 §3.3).</summary>
    public const int MinRsaBits = 2048;

    private readonly AsymmetricSecurityKey _key;

    private SigningKey(AsymmetricSecurityKey key)
    {
        _key = key;
        Public = key switch
        {
            RsaSecurityKey rsa => JsonWebKeyConverter.ConvertFromRSASecurityKey(new(rsa.Rsa.ExportParameters(
                includePrivateParameters: false))),
            ECDsaSecurityKey ecdsa => JsonWebKeyConverter.ConvertFromECDsaSecurityKey(
                new(ECDsa.Create(ecdsa.ECDsa.ExportParameters(includePrivateParameters: false)))),
            _ => throw new UnreachableException(),
        };
        Id = Base64Url.EncodeToString(Public.ComputeJwkThumbprint());
    }

    /// <summary>The thumbprint of the public key (RFC 7638), which is the key's <c>kid</c>.</summary>
    public string Id { get; }

    /// <summary>The algorithm of the broker's ID tokens under this key: RS256, or ES256.</summary>
    public string Algorithm => _key is RsaSecurityKey ? SecurityAlgorithms.RsaSha256 : SecurityAlgorithms.EcdsaSha256;

    /// <summary>The public key.</summary>
    internal JsonWebKey Public { get; }

    /// <summary>Reads a key in PEM (RFC 7468).</summary>
    /// <param name="pem">The text.</param>
    /// <returns>The key; null when it is none, is too short, or is of another curve.</returns>
    public static SigningKey? FromPem(string pem)
    {
        try
        {
            var rsa = RSA.Create();
            rsa.ImportFromPem(pem);
            // A public key alone has nothing to sign with.
            rsa.ExportParameters(includePrivateParameters: true);
            return rsa.KeySize >= MinRsaBits ? new(new RsaSecurityKey(rsa)) : null;
        }
        catch (Exception exception) when (exception is ArgumentException or CryptographicException)
        {
            return FromEllipticCurve(pem);
        }
    }

    /// <summary>Whether an algorithm can be used with it.</summary>
    internal bool Fits(string algorithm) => _key is RsaSecurityKey
        ? algorithm is SecurityAlgorithms.RsaSha256 or SecurityAlgorithms.RsaSsaPssSha256
        : algorithm == SecurityAlgorithms.EcdsaSha256;

    /// <summary>The private key, as the library takes it.</summary>
    /// <param name="keyId">What it is called in the header as <c>kid</c>; null where the header names it in another way.</param>
    internal SecurityKey Private(string? keyId) => _key is RsaSecurityKey rsa
        ? new RsaSecurityKey(rsa.Rsa) { KeyId = keyId }
        : new ECDsaSecurityKey(((ECDsaSecurityKey)_key).ECDsa) { KeyId = keyId };

    private static SigningKey? FromEllipticCurve(string pem)
    {
        try
        {
            var ecdsa = ECDsa.Create();
            ecdsa.ImportFromPem(pem);
            var curve = ecdsa.ExportParameters(includePrivateParameters: true).Curve;
            var isP256 = curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value || curve.Oid.FriendlyName is "nistP256" or "ECDSA_P256";
            return isP256 ? new(new ECDsaSecurityKey(ecdsa)) : null;
        }
        catch (Exception exception) when (exception is ArgumentException or CryptographicException)
        {
            return null;
        }
    }
}
