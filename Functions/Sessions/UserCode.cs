using System.Security.Cryptography;
using System.Text;
using TokenBroker.Secrets;

namespace TokenBroker.Sessions;

/// <summary>
/// The code that the game shows and the player types into <c>/device</c>: 8 letters of the 20 that RFC 8628 §6.1 recommends, no vowels, so
/// that no word comes out.
/// </summary>
public sealed class UserCode
{
    /// <summary>How many letters it has; with 20 to choose from that is 34 bits.</summary>
    public const int Length = 8;

    private const string Alphabet = "BCDFGHJKLMNPQRSTVWXZ";
    private readonly string _letters;

    private UserCode(string letters) => _letters = letters;

    /// <summary>The code as the game shows it: <c>WDJB-MJHT</c>.</summary>
    public string Text => $"{_letters[..4]}-{_letters[4..]}";

    /// <summary>Draws a code from the system's cryptographic generator, each letter equally likely.</summary>
    /// <returns>A new code.</returns>
    public static UserCode New() => new(RandomNumberGenerator.GetString(Alphabet, Length));

    /// <summary>Reads what a player typed: case does not count, and whatever is neither letter nor digit is dropped (RFC 8628 §6.1).</summary>
    /// <param name="typed">What the browser sent.</param>
    /// <returns>The code; null when this can be none.</returns>
    public static UserCode? TryParse(string typed)
    {
        var letters = new string([.. typed.Select(Typing.Plain).Where(char.IsLetterOrDigit).Take(Length + 1).Select(char.ToUpperInvariant)]);
        return letters.Length == Length && letters.All(letter => Alphabet.Contains(letter, StringComparison.Ordinal)) ? new(letters) : null;
    }

    /// <summary>Seals the way from this code to its session, to be stored where only the code and the protection key together find it.</summary>
    internal Grant Seal(SessionId id, GrantKey place, ProtectionKey key, DateTimeOffset expiresAt) => Grant.Seal(place, key, ToBytes(), Encoding.ASCII.GetBytes(id.Text), expiresAt);

    /// <summary>The session that this code leads to; null when the grant was not sealed with this key and code.</summary>
    internal SessionId? Open(Grant grant, ProtectionKey key) => grant.Open(key, ToBytes(), id => SessionId.TryParse(Encoding.ASCII.GetString(id)));

    /// <summary>Shows nothing of the code.</summary>
    /// <returns>A fixed word.</returns>
    public override string ToString() => nameof(UserCode);

    /// <summary>With a word in front, so that no access code has the same bytes.</summary>
    internal byte[] ToBytes() => Encoding.ASCII.GetBytes($"user code {_letters}");
}
