namespace TokenBroker.SignIns;

/// <summary>
/// The code that the game shows and the player types into <c>/device</c>: 8 letters of the 20 that RFC 8628 §6.1 recommends, without
/// vowels, so that they form no word.
/// </summary>
public sealed class UserCode
{
    /// <summary>How many letters it has; with 20 to choose from that is 34 bits.</summary>
    public const int Length = 8;

    /// <summary>How many codes a player who came by a link chooses from.</summary>
    internal const int Choices = 3;

    private const string Alphabet = "BCDFGHJKLMNPQRSTVWXZ";
    private readonly string _letters;

    private UserCode(string letters) => _letters = letters;

    /// <summary>The code as the game shows it: <c>WDJB-MJHT</c>.</summary>
    public string Text => $"{_letters[..4]}-{_letters[4..]}";

    /// <summary>The code as its entry is stored under; an access code never looks like this.</summary>
    internal string EntryCode => $"user code {_letters}";

    /// <summary>A new random code, each letter equally likely.</summary>
    /// <returns>The code.</returns>
    public static UserCode New() => new(RandomNumberGenerator.GetString(Alphabet, Length));

    /// <summary>
    /// Reads what a player typed: case does not matter, and whatever is neither letter nor digit is dropped (RFC 8628 §6.1).
    /// </summary>
    /// <param name="typed">What the browser sent.</param>
    /// <returns>The code; null when this can be none.</returns>
    public static UserCode? TryParse(string typed)
    {
        var characters = typed.Select(TypedCode.ToHalfWidth).Where(char.IsLetterOrDigit).Take(Length + 1).Select(char.ToUpperInvariant);
        var letters = string.Concat(characters);
        return letters.Length == Length && letters.All(letter => Alphabet.Contains(letter, StringComparison.Ordinal))
            ? new(letters)
            : null;
    }

    /// <summary>
    /// The code among others to choose from, in a new order each time, so that nobody can know where it will stand. The others are always
    /// the same, so that asking again tells nothing.
    /// </summary>
    internal IReadOnlyList<UserCode> AmongDecoys(ProtectionKey key)
    {
        var bits = key.DecoyBits(_letters);
        var decoys = bits.Chunk(Length).Take(Choices - 1).Select(chunk => new UserCode(string.Concat(chunk.Select(Letter))));
        UserCode[] choices = [.. decoys, this];
        RandomNumberGenerator.Shuffle<UserCode>(choices);
        return choices;

        static char Letter(byte bits) => Alphabet[bits % Alphabet.Length];
    }

    /// <summary>Shows nothing of the code.</summary>
    /// <returns>A fixed word.</returns>
    public override string ToString() => nameof(UserCode);
}
