using System.Globalization;

namespace TokenBroker.Sessions;

/// <summary>What keyboards, and the text fields of others, make of a code.</summary>
internal static class Typing
{
    private const char MinusSign = '\u2212';

    /// <summary>Japanese and Chinese keyboards write ASCII in full width, U+FF01 to U+FF5E: https://www.unicode.org/charts/PDF/UFF00.pdf</summary>
    public static char Plain(char typed) => typed is >= '\uFF01' and <= '\uFF5E' ? (char)(typed - 0xFEE0) : typed;

    /// <summary>Blanks, seen or unseen, and dashes: text fields make a long one of a hyphen.</summary>
    public static bool IsBlankOrDash(char typed) =>
        char.IsWhiteSpace(typed) || typed == MinusSign || char.GetUnicodeCategory(typed) is UnicodeCategory.DashPunctuation or UnicodeCategory.Format;
}
