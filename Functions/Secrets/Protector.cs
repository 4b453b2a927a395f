using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace TokenBroker.Secrets;

/// <summary>AES-256-GCM with a random nonce: nonce (12 bytes), tag (16 bytes), ciphertext.</summary>
internal static class Protector
{
    private const int NonceLength = 12;
    private const int TagLength = 16;

    /// <summary>More than any context here has.</summary>
    private const int MaxContextLength = 256;

    /// <summary>Encrypts; <paramref name="context"/> must be the same to decrypt, so that nothing opens in another's place.</summary>
    public static byte[] Protect(ReadOnlySpan<byte> key, ReadOnlySpan<byte> plain, string context)
    {
        var result = new byte[NonceLength + TagLength + plain.Length];
        var nonce = result.AsSpan(0, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        Span<byte> associated = stackalloc byte[MaxContextLength];
        using var aes = new AesGcm(key, TagLength);
        aes.Encrypt(
            nonce, plain, result.AsSpan(NonceLength + TagLength), result.AsSpan(NonceLength, TagLength), associated[..Encoding.UTF8.GetBytes(context, associated)]);
        return result;
    }

    /// <summary>Decrypts into a borrowed buffer, which is wiped once it was read; null when key, context or ciphertext is not what it was.</summary>
    public static T? Unprotect<T>(ReadOnlySpan<byte> key, ReadOnlySpan<byte> sealedBytes, string context, Func<ReadOnlySpan<byte>, T?> read)
        where T : class
    {
        if (sealedBytes.Length < NonceLength + TagLength)
            return null;
        var buffer = ArrayPool<byte>.Shared.Rent(sealedBytes.Length);
        var plain = buffer.AsSpan(0, sealedBytes.Length - NonceLength - TagLength);
        Span<byte> associated = stackalloc byte[MaxContextLength];
        using var aes = new AesGcm(key, TagLength);
        try
        {
            aes.Decrypt(
                sealedBytes[..NonceLength],
                sealedBytes[(NonceLength + TagLength)..],
                sealedBytes.Slice(NonceLength, TagLength),
                plain,
                associated[..Encoding.UTF8.GetBytes(context, associated)]);
            return read(plain);
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
