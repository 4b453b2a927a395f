using System.Buffers.Text;
using System.Text;
using TokenBroker.Secrets;

namespace TokenBroker.Sessions;

/// <summary>
/// What the browser is given when its sign-in is finished, in its cookie: enough for the page with the access code, so that showing it asks
/// no storage. Sealed for its session, so that nobody makes one up.
/// </summary>
/// <param name="App">The app's name.</param>
/// <param name="Code">The access code to show; null where a device waits for the tokens.</param>
internal sealed record Receipt(string App, AccessCode? Code)
{
    // An app's name has no blank.
    private const char Separator = ' ';

    /// <summary>Seals it, as base64url.</summary>
    public string Seal(ProtectionKey key, SessionId id) => Base64Url.EncodeToString(
        Protector.Protect(key.ReceiptKey, Encoding.ASCII.GetBytes($"{App}{Separator}{Code?.Text}"), id.Key.RowKey));

    /// <summary>Opens it; null when it was altered, or sealed for another session or under a key that is retired.</summary>
    public static Receipt? Open(string text, KeyRing keys, SessionId id)
    {
        if (!Base64Url.IsValid(text))
            return null;
        var sealedBytes = Base64Url.DecodeFromChars(text);
        // Made under the key that was current when the sign-in ended; the session began less than its lifetime earlier.
        return keys.ForGrants(id.CreatedAt).Select(key => Protector.Unprotect(key.ReceiptKey, sealedBytes, id.Key.RowKey, Read)).FirstOrDefault(receipt => receipt is not null);
    }

    /// <summary>Shows nothing of the code.</summary>
    public override string ToString() => nameof(Receipt);

    private static Receipt Read(ReadOnlySpan<byte> content)
    {
        var text = Encoding.ASCII.GetString(content);
        var end = text.IndexOf(Separator, StringComparison.Ordinal);
        return new(text[..end], AccessCode.TryParse(text[(end + 1)..]));
    }
}
