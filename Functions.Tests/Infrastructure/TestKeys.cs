using System.Security.Cryptography;

namespace TokenBroker.Tests.Infrastructure;

/// <summary>Keys for tests, made anew in each run.</summary>
internal static class TestKeys
{
    /// <summary>An RSA key of 2048 bits, in PEM.</summary>
    public static string Rsa { get; } = NewRsa();

    /// <summary>A P-256 key, in PEM.</summary>
    public static string P256 { get; } = NewP256();

    public static string NewRsa(int bits = 2048)
    {
        using var rsa = RSA.Create(bits);
        return rsa.ExportPkcs8PrivateKeyPem();
    }

    public static string NewP256() => NewEc(ECCurve.NamedCurves.nistP256);

    public static string NewEc(ECCurve curve)
    {
        using var ec = ECDsa.Create(curve);
        return ec.ExportPkcs8PrivateKeyPem();
    }
}
