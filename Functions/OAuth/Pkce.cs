using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace TokenBroker.OAuth;

/// <summary>Proof keys (RFC 7636), with S256 only, as RFC 9700 §2.1.1 asks.</summary>
internal static class Pkce
{
    public const string Method = "S256";

    /// <summary>The challenge of a verifier (RFC 7636 §4.2).</summary>
    public static string Challenge(string verifier) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));

    /// <summary>Whether a text can be an S256 challenge: base64url of 32 bytes.</summary>
    public static bool IsChallenge(string text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        return text.Length == 43 &&
            Base64Url.DecodeFromChars(text, hash, out _, out var length) == OperationStatus.Done && length == SHA256.HashSizeInBytes;
    }

    /// <summary>Whether a verifier has the form that RFC 7636 §4.1 asks: 43 to 128 unreserved characters.</summary>
    public static bool IsVerifier(string text) =>
        text.Length is >= 43 and <= 128 && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '.' or '_' or '~');

    /// <summary>
    /// Whether a verifier answers a challenge, in constant time. A verifier where no challenge was made is refused too: it shows that
    /// the challenge was lost on the way (RFC 9700 §4.8.2).
    /// </summary>
    public static bool Answers(string? verifier, string? challenge) =>
        verifier is null || challenge is null
            ? verifier is null && challenge is null
            : IsVerifier(verifier) && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Challenge(verifier)), Encoding.ASCII.GetBytes(challenge));
}
