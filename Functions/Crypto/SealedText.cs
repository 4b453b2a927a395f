using System.Buffers.Text;

namespace TokenBroker.Crypto;

/// <summary>A text that a browser keeps and can neither read nor change. Its form is <c>{key id}.{base64url}</c>.</summary>
internal static class SealedText
{
    /// <summary>Seals a text for one purpose.</summary>
    public static string Seal(string text, string purpose, ProtectionKey key)
    {
        var sealedBytes = AuthenticatedEncryption.Seal(key.BrowserTextKey, Encoding.UTF8.GetBytes(text), purpose);
        return $"{key.Id}.{Base64Url.EncodeToString(sealedBytes)}";
    }

    /// <summary>Opens it; null when it was altered, sealed for another purpose or by another broker, or its key is retired.</summary>
    public static string? Open(string? sealedText, string purpose, KeyRing keys)
    {
        if (sealedText?.Split('.') is not [var id, var content] || !Base64Url.IsValid(content))
            return null;
        if (keys.Find(id) is not { } key)
            return null;
        var sealedBytes = Base64Url.DecodeFromChars(content);
        // Decoding skips blanks and padding; only the text that Seal wrote opens.
        if (Base64Url.EncodeToString(sealedBytes) != content)
            return null;
        var text = AuthenticatedEncryption.Open(key.BrowserTextKey, sealedBytes, purpose);
        return text is null ? null : Encoding.UTF8.GetString(text);
    }
}
