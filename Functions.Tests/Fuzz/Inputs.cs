using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;

namespace TokenBroker.Tests.Fuzz;

/// <summary>Generated inputs: valid ones, most of them altered in a few places, and plain random bytes.</summary>
internal static partial class Inputs
{
    /// <summary>What readers trip over.</summary>
    private static readonly byte[][] Fragments =
    [
        .. new[]
        {
            "\0", "\r\n", "\ufeff", "\u00a0", "\u200b", "\u2011", "\u0131", "\uff21", "\uff12", "\ud83d\ude00", @"\ud800", @"\uDFFF",
            "%", "%2", "%00", "%ff", "%C3%A9", "%26", "%3D", "%2B", "+", "&", "=", ";", ",", " ", "\"", "\\", "/", ".", "-", "_", "#", "@",
            "?", ":", "[", "]", "{", "}", "null", "true", "1e400", "-1", "18446744073709551616", "[[[[[[[[", "{\"a\":", "//", "*", ";q=0",
            "127.0.0.1", "::1",
        }.Select(Encoding.UTF8.GetBytes),
        [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xfe, 0xff],
    ];

    private static readonly Edit[] Edits =
    [
        (bytes, at, length, _) => [.. bytes[..at], .. Rest(bytes, at, length)], // cut out
        (bytes, at, _, _) => bytes[..at], // cut off
        (bytes, at, _, other) => [.. bytes[..at], .. other, .. bytes[at..]], // insert
        (bytes, at, length, other) => [.. bytes[..at], .. other, .. Rest(bytes, at, length)], // replace
        (bytes, at, length, _) => [.. bytes[..Math.Min(bytes.Length, at + length)], .. bytes[at..]], // repeat
        (bytes, at, length, other) => [.. bytes[..at], .. Rest(other, 0, length)], // splice
        (bytes, at, length, _) => FlipBit(bytes, at, length % 8),
    ];

    private delegate byte[] Edit(byte[] bytes, int at, int length, byte[] other);

    public static Gen<byte[]> From(byte[][] corpus, Gen<byte[]> valid)
    {
        var start = Gen.OneOf(Gen.Elements(corpus), valid);
        var edit =
            from alter in Gen.Elements(Edits)
            from position in Gen.Choose(0, int.MaxValue)
            from length in Gen.Choose(1, 12)
            from other in Gen.Frequency((3, Gen.Elements(Fragments)), (1, start))
            select (Func<byte[], byte[]>)(bytes => alter(bytes, position % (bytes.Length + 1), length, other));
        var altered =
            from bytes in start
            from count in Gen.Choose(1, 4)
            from edits in Gen.ListOf(edit, count)
            select edits.Aggregate(bytes, (before, alter) => alter(before));
        var anything = Gen.ArrayOf(Gen.Choose(0, byte.MaxValue).Select(number => (byte)number));
        return Gen.Frequency((2, valid), (7, altered), (1, anything));
    }

    /// <summary>The input with a part left out, the largest parts first.</summary>
    public static IEnumerable<byte[]> Smaller(byte[] input)
    {
        for (var length = input.Length; length > 0; length /= 2)
            for (var at = 0; at < input.Length; at += length)
                yield return [.. input[..at], .. Rest(input, at, length)];
    }

    /// <summary>UTF-8, in which <c>\ud800</c> stands for a UTF-16 unit that UTF-8 cannot carry.</summary>
    public static string Text(byte[] input) => EscapedUnit().Replace(Encoding.UTF8.GetString(input), escaped =>
    {
        var unit = (char)int.Parse(escaped.ValueSpan[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return unit.ToString();
    });

    private static byte[] FlipBit(byte[] bytes, int at, int bit)
    {
        if (at == bytes.Length)
            return bytes;
        var flipped = bytes.ToArray();
        flipped[at] ^= (byte)(1 << bit);
        return flipped;
    }

    private static byte[] Rest(byte[] bytes, int at, int length) => bytes[Math.Min(bytes.Length, at + length)..];

    [GeneratedRegex(@"\\u[0-9A-Fa-f]{4}")]
    private static partial Regex EscapedUnit();
}
