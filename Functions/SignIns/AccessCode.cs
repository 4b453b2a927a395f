using System.Buffers.Binary;

namespace TokenBroker.SignIns;

/// <summary>The 8 characters that the player types into the game: case-sensitive, without look-alikes (0 O o 1 l I).</summary>
public sealed class AccessCode
{
    /// <summary>How many characters it has; with 56 to choose from that is 46 bits.</summary>
    public const int Length = 8;

    private const string Alphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz";

    private AccessCode(string text) => Text = text;

    /// <summary>The code as the player reads it. A secret.</summary>
    public string Text { get; }

    /// <summary>The access code of a session, which follows from its id.</summary>
    /// <param name="id">The session's id.</param>
    /// <returns>The code.</returns>
    public static AccessCode Of(SessionId id) => FromBits(id.Derive("access code"));

    /// <summary>
    /// Reads what a player typed or pasted: blanks and dashes are dropped, full-width characters become plain ones, case matters.
    /// </summary>
    /// <param name="typed">What the game sent.</param>
    /// <returns>The code; null when this can be none.</returns>
    public static AccessCode? TryParse(string typed)
    {
        var characters = typed.Select(TypedCode.ToHalfWidth).Where(character => !TypedCode.IsBlankOrDash(character)).Take(Length + 1);
        var code = string.Concat(characters);
        return code.Length == Length && code.All(character => Alphabet.Contains(character, StringComparison.Ordinal)) ? new(code) : null;
    }

    /// <summary>Shows nothing of the code.</summary>
    /// <returns>A fixed word.</returns>
    public override string ToString() => nameof(AccessCode);

    /// <summary>
    /// The code that 128 random bits stand for. All codes are equally likely: 56^8 is so much smaller than 2^128 that the remainder's
    /// bias cannot be measured.
    /// </summary>
    internal static AccessCode FromBits(ReadOnlySpan<byte> bits)
    {
        var number = BinaryPrimitives.ReadUInt128BigEndian(bits);
        var text = new char[Length];
        for (var index = 0; index < Length; index++)
        {
            (number, var remainder) = UInt128.DivRem(number, (UInt128)Alphabet.Length);
            text[index] = Alphabet[(int)remainder];
        }
        return new(new(text));
    }
}
