using System.Security.Cryptography;
using System.Text;

namespace TokenBroker.Secrets;

/// <summary>AES-256-GCM with a random nonce: nonce (12 bytes), tag (16 bytes), ciphertext.</summary>
internal static class Protector
{
    private const int NonceLength = 12;
    private const int TagLength = 16;

    /// <summary>Encrypts; <paramref name="context"/> must be the same to decrypt, so that nothing opens in another's place.</summary>
    public static byte[] Protect(byte[] key, ReadOnlySpan<byte> plain, string context)
    {
        var result = new byte[NonceLength + TagLength + plain.Length];
        var nonce = result.AsSpan(0, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key, TagLength);
        aes.Encrypt(nonce, plain, result.AsSpan(NonceLength + TagLength), result.AsSpan(NonceLength, TagLength), Encoding.UTF8.GetBytes(context));
        return result;
    }

    /// <summary>Decrypts; null when key, context or ciphertext is not what it was.</summary>
    public static byte[]? Unprotect(byte[] key, ReadOnlySpan<byte> sealedBytes, string context)
    {
        if (sealedBytes.Length < NonceLength + TagLength)
            return null;
        var plain = new byte[sealedBytes.Length - NonceLength - TagLength];
        using var aes = new AesGcm(key, TagLength);
        try
        {
            aes.Decrypt(
                sealedBytes[..NonceLength],
                sealedBytes[(NonceLength + TagLength)..],
                sealedBytes.Slice(NonceLength, TagLength),
                plain,
                Encoding.UTF8.GetBytes(context));
            return plain;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }
}
