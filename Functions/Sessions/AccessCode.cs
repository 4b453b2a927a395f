using System.Buffers.Binary;
using System.Text;

namespace TokenBroker.Sessions;

/// <summary>The 8 characters that the player types into the game: case-sensitive, without look-alikes (0 O o 1 l I).</summary>
public sealed class AccessCode
{
    /// <summary>How many characters it has; with 56 to choose from that is 46 bits.</summary>
    public const int Length = 8;

    private const string Alphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz";

    private static readonly UInt128 Count = (UInt128)Math.Pow(Alphabet.Length, Length);

    private AccessCode(string text) => Text = text;

    /// <summary>The code as the player reads it. A secret.</summary>
    public string Text { get; }

    /// <summary>The code that evenly random bits stand for. All codes are equally likely: 56^8 is so much less than 2^128 that no test could tell.</summary>
    /// <param name="bits">16 bytes or more, of which the first 16 count.</param>
    /// <returns>The code.</returns>
    public static AccessCode Of(ReadOnlySpan<byte> bits) => new(string.Create(
        Length,
        (ulong)(BinaryPrimitives.ReadUInt128BigEndian(bits) % Count),
        (text, number) =>
        {
            foreach (ref var character in text)
            {
                character = Alphabet[(int)(number % (ulong)Alphabet.Length)];
                number /= (ulong)Alphabet.Length;
            }
        }));

    /// <summary>Reads what a player typed or pasted: blanks and dashes of every kind are dropped, full-width characters are read as plain ones, case counts.</summary>
    /// <param name="typed">What the game sent.</param>
    /// <returns>The code; null when this can be none.</returns>
    public static AccessCode? TryParse(string typed)
    {
        Span<char> code = stackalloc char[Length];
        var length = 0;
        foreach (var entered in typed)
        {
            var character = Typing.Plain(entered);
            if (Typing.IsBlankOrDash(character))
                continue;
            if (length == Length || !Alphabet.Contains(character, StringComparison.Ordinal))
                return null;
            code[length++] = character;
        }
        return length == Length ? new(code.ToString()) : null;
    }

    /// <summary>Shows nothing of the code.</summary>
    /// <returns>A fixed word.</returns>
    public override string ToString() => nameof(AccessCode);

    internal byte[] ToBytes() => Encoding.ASCII.GetBytes(Text);
}
