namespace TokenBroker.Crypto;

/// <summary>Undoes what keyboards and text fields do to a code that a player types or pastes.</summary>
internal static class TypedCode
{
    private const char MinusSign = '\u2212';

    /// <summary>
    /// The ASCII form of a full-width character (U+FF01 to U+FF5E), as Japanese and Chinese keyboards write it:
    /// https://www.unicode.org/charts/PDF/UFF00.pdf
    /// </summary>
    public static char ToHalfWidth(char typed) => typed is >= '\uFF01' and <= '\uFF5E' ? (char)(typed - 0xFEE0) : typed;

    /// <summary>Whether a character is a blank, visible or not, or a dash: text fields turn a hyphen into a longer dash.</summary>
    public static bool IsBlankOrDash(char typed) =>
        char.IsWhiteSpace(typed) || typed == MinusSign ||
            char.GetUnicodeCategory(typed) is UnicodeCategory.DashPunctuation or UnicodeCategory.Format;
}
