using System.Buffers.Text;

namespace TokenBroker.Crypto;

/// <summary>What others keep for the broker, and can neither read nor change. Its form is <c>{key id}.{base64url}</c>.</summary>
internal static class SealedText
{
    /// <summary>Seals content for one purpose.</summary>
    /// <param name="content">The content.</param>
    /// <param name="purpose">Nothing that was sealed for another opens in its place.</param>
    /// <param name="key">The version of the protection key that seals now.</param>
    /// <param name="derived">The key that is derived from it for this kind of content.</param>
    public static string Seal(ReadOnlySpan<byte> content, string purpose, ProtectionKey key, Func<ProtectionKey, byte[]> derived) =>
        $"{key.Id}.{Base64Url.EncodeToString(AuthenticatedEncryption.Seal(derived(key), content, purpose))}";

    /// <summary>Opens it; null when it was altered, sealed for another purpose or by another broker, or its key is retired.</summary>
    public static byte[]? Open(string? text, string purpose, KeyRing keys, Func<ProtectionKey, byte[]> derived)
    {
        if (text?.Split('.') is not [var id, var content] || !Base64Url.IsValid(content) || keys.Find(id) is not { } key)
            return null;
        var sealedBytes = Base64Url.DecodeFromChars(content);
        // Decoding skips blanks and padding; only the text that Seal wrote opens.
        if (Base64Url.EncodeToString(sealedBytes) != content)
            return null;
        return AuthenticatedEncryption.Open(derived(key), sealedBytes, purpose);
    }

    /// <summary>Seals a text that a browser keeps.</summary>
    public static string SealForBrowser(string text, string purpose, ProtectionKey key) =>
        Seal(Encoding.UTF8.GetBytes(text), purpose, key, version => version.BrowserTextKey);

    /// <summary>Opens what <see cref="SealForBrowser"/> sealed.</summary>
    public static string? OpenFromBrowser(string? text, string purpose, KeyRing keys) =>
        Open(text, purpose, keys, version => version.BrowserTextKey) is { } content ? Encoding.UTF8.GetString(content) : null;
}
