using System.Buffers.Text;

namespace TokenBroker.SignIns;

/// <summary>
/// The code that brings the player back to the game (RFC 6749 §4.1.2): 256 bits that follow from the session's id. Its entry is stored
/// and sealed under it.
/// </summary>
internal static class AuthorizationCode
{
    private const int Length = 43;

    /// <summary>The code of a session, in 43 characters of base64url. A secret.</summary>
    public static string Of(SessionId id) => Base64Url.EncodeToString(id.Derive("authorization code"));

    /// <summary>Whether a text can be one; others are not looked for.</summary>
    public static bool IsOne(string text) => text.Length == Length && Base64Url.IsValid(text);
}
