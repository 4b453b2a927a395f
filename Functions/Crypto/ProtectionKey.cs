namespace TokenBroker.Crypto;

/// <summary>
/// One version of the vault's <c>token-protection-key</c>: 256 bits from which every other key follows (HKDF), one for each purpose.
/// </summary>
public sealed class ProtectionKey
{
    /// <summary>The key's length in bytes.</summary>
    public const int Length = 32;

    private readonly byte[] _rowKeys;
    private readonly byte[] _contentKeys;
    private readonly byte[] _addressTags;
    private readonly byte[] _formTokens;
    private readonly byte[] _decoys;

    internal ProtectionKey(byte[] key)
    {
        _rowKeys = Derive("code entry row key");
        _contentKeys = Derive("code entry content");
        _addressTags = Derive("address tag");
        _formTokens = Derive("form token");
        _decoys = Derive("decoy");
        RefreshTokenKey = Derive("refresh token");
        IdentityTokenKey = Derive("identity token");
        BrowserTextKey = Derive("browser text");
        Id = Convert.ToHexStringLower(Derive("key id").AsSpan(0, 4));

        byte[] Derive(string purpose) =>
            HKDF.DeriveKey(HashAlgorithmName.SHA256, key, Length, info: Encoding.ASCII.GetBytes($"TokenBroker {purpose}"));
    }

    /// <summary>Eight hexadecimal digits that tell versions apart and reveal nothing of the key.</summary>
    internal string Id { get; }

    /// <summary>Seals the refresh tokens that games hold.</summary>
    internal byte[] RefreshTokenKey { get; }

    /// <summary>Seals the access tokens of players whose provider has none.</summary>
    internal byte[] IdentityTokenKey { get; }

    /// <summary>Seals what browsers keep for the broker.</summary>
    internal byte[] BrowserTextKey { get; }

    /// <summary>A new random key.</summary>
    /// <returns>The key.</returns>
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

    /// <summary>
    /// Where the entry of a code is stored: HMAC-SHA256 in 64 hexadecimal digits, which reveals neither the code nor this key.
    /// </summary>
    internal string RowKeyOf(string code) => Tag(_rowKeys, code);

    /// <summary>The key that seals the entry of a code. It takes the protection key and the code together to derive it.</summary>
    internal byte[] ContentKeyOf(string code) =>
        HKDF.Expand(HashAlgorithmName.SHA256, _contentKeys, Length, Encoding.UTF8.GetBytes(code));

    /// <summary>What a form carries so that only the browser that was shown it can send it.</summary>
    internal string FormToken(string browser, string form) => Tag(_formTokens, $"{browser} {form}");

    /// <summary>Bits that always are the same beside a code, and tell nothing of it.</summary>
    internal byte[] DecoyBits(string code) => HMACSHA256.HashData(_decoys, Encoding.UTF8.GetBytes(code));

    /// <summary>What stands for a client's address in storage, where nobody can find the address.</summary>
    internal string AddressTag(string address) => Tag(_addressTags, address);

    private static string Tag(byte[] key, string text) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
}
