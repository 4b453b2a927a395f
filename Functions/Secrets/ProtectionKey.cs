using System.Security.Cryptography;
using System.Text;
using TokenBroker.Sessions;

namespace TokenBroker.Secrets;

/// <summary>One version of the vault's <c>token-protection-key</c>: 256 bits that every other key follows from, each for one purpose.</summary>
public sealed class ProtectionKey
{
    /// <summary>The key's length in bytes.</summary>
    public const int Length = 32;

    private readonly byte[] _grantRowKey;
    private readonly byte[] _grantContent;
    private readonly byte[] _addressTag;
    private readonly byte[] _formToken;
    private readonly byte[] _receipt;

    internal ProtectionKey(byte[] key)
    {
        _grantRowKey = Derive("grant row key");
        _grantContent = Derive("grant content");
        _addressTag = Derive("address tag");
        _formToken = Derive("form token");
        _receipt = Derive("receipt");
        RefreshTokenKey = Derive("refresh token");
        Id = Convert.ToHexStringLower(Derive("key id").AsSpan(0, 4));

        byte[] Derive(string purpose) => HKDF.DeriveKey(HashAlgorithmName.SHA256, key, Length, info: Encoding.ASCII.GetBytes($"TokenBroker {purpose}"));
    }

    /// <summary>Eight hexadecimal digits that tell versions apart and nothing of the key.</summary>
    internal string Id { get; }

    /// <summary>What opens the refresh tokens that games hold.</summary>
    internal byte[] RefreshTokenKey { get; }

    /// <summary>Draws a key.</summary>
    /// <returns>A new key.</returns>
    public static ProtectionKey New() => new(RandomNumberGenerator.GetBytes(Length));

    /// <summary>Shows nothing of the key.</summary>
    /// <returns>A fixed word.</returns>
    public override string ToString() => nameof(ProtectionKey);

    /// <summary>Reads base64 of 32 bytes; null when the text is anything else.</summary>
    internal static ProtectionKey? TryParse(string text)
    {
        var key = new byte[Length];
        return Convert.TryFromBase64String(text.Trim(), key, out var length) && length == Length ? new(key) : null;
    }

    /// <summary>Where the grant that waits under a code is stored.</summary>
    internal GrantKey GrantKey(ReadOnlySpan<byte> code) => new(Digest.Of(HMACSHA256.HashData(_grantRowKey, code)));

    /// <summary>What opens the grant that waits under a code: neither this key alone nor the code alone yields it.</summary>
    internal byte[] GrantContentKey(ReadOnlySpan<byte> code)
    {
        var key = new byte[Length];
        HKDF.Expand(HashAlgorithmName.SHA256, _grantContent, key, code);
        return key;
    }

    /// <summary>What stands in a form so that only the browser that was shown it can send it.</summary>
    internal string FormToken(string browser, string form) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(_formToken, Encoding.UTF8.GetBytes($"{browser} {form}")));

    /// <summary>What shows that a browser's receipt was written here.</summary>
    internal string ReceiptSeal(string receipt) => Convert.ToHexStringLower(HMACSHA256.HashData(_receipt, Encoding.UTF8.GetBytes(receipt)));

    /// <summary>What stands for a client's address in storage, where nobody shall find the address.</summary>
    internal string AddressTag(string address) => Convert.ToHexStringLower(HMACSHA256.HashData(_addressTag, Encoding.UTF8.GetBytes(address)));
}
