namespace TokenBroker.Crypto;

/// <summary>
/// AES-256-GCM with a random nonce (NIST SP 800-38D). Sealed bytes are the nonce (12 bytes), the tag (16 bytes) and the ciphertext.
/// </summary>
internal static class AuthenticatedEncryption
{
    private const int NonceLength = 12;
    private const int TagLength = 16;

    /// <summary>Encrypts. The same context is needed to open, so that nothing sealed for one place opens in another.</summary>
    public static byte[] Seal(byte[] key, ReadOnlySpan<byte> plaintext, string context)
    {
        var result = new byte[NonceLength + TagLength + plaintext.Length];
        var nonce = result.AsSpan(0, NonceLength);
        var tag = result.AsSpan(NonceLength, TagLength);
        var ciphertext = result.AsSpan(NonceLength + TagLength);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key, TagLength);
        aes.Encrypt(nonce, plaintext, ciphertext, tag, Encoding.UTF8.GetBytes(context));
        return result;
    }

    /// <summary>Decrypts; null when key, context or sealed bytes are not what they were.</summary>
    public static byte[]? Open(byte[] key, ReadOnlySpan<byte> sealedBytes, string context)
    {
        if (sealedBytes.Length < NonceLength + TagLength)
            return null;
        var nonce = sealedBytes[..NonceLength];
        var tag = sealedBytes.Slice(NonceLength, TagLength);
        var ciphertext = sealedBytes[(NonceLength + TagLength)..];
        var plaintext = new byte[ciphertext.Length];
        using var aes = new AesGcm(key, TagLength);
        try
        {
            aes.Decrypt(nonce, ciphertext, tag, plaintext, Encoding.UTF8.GetBytes(context));
            return plaintext;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }
}
