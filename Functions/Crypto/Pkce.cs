using System.Buffers;
using System.Buffers.Text;

namespace TokenBroker.Crypto;

/// <summary>Proof Key for Code Exchange (RFC 7636), with S256 only, as RFC 9700 §2.1.1 asks.</summary>
internal static class Pkce
{
    /// <summary>The one <c>code_challenge_method</c>.</summary>
    public const string Method = "S256";

    /// <summary>The challenge of a verifier (RFC 7636 §4.2).</summary>
    public static string Challenge(string verifier) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));

    /// <summary>Whether a text can be an S256 challenge: base64url of 32 bytes.</summary>
    public static bool IsChallenge(string text)
    {
        var hash = new byte[SHA256.HashSizeInBytes];
        return text.Length == 43 &&
            Base64Url.DecodeFromChars(text, hash, out _, out var length) == OperationStatus.Done &&
            length == SHA256.HashSizeInBytes;
    }

    /// <summary>Whether a verifier has the form of RFC 7636 §4.1: 43 to 128 unreserved characters.</summary>
    public static bool IsVerifier(string text) =>
        text.Length is >= 43 and <= 128 &&
            text.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '.' or '_' or '~');

    /// <summary>
    /// Whether a verifier belongs to a challenge, in constant time. A verifier without a challenge is refused too: it shows that the
    /// challenge was removed on the way (RFC 9700 §4.8.2).
    /// </summary>
    public static bool Verify(string? verifier, string? challenge)
    {
        if (verifier is null || challenge is null)
            return verifier is null && challenge is null;
        return IsVerifier(verifier) && ConstantTime.AreEqual(Challenge(verifier), challenge);
    }
}
