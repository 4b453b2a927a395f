using System.Buffers.Binary;
using System.Globalization;

namespace TokenBroker.Sessions;

/// <summary>
/// A SHA-256 hash or HMAC by which something is found. A value and no text, so that what keeps many of them keeps no object for each.
/// </summary>
/// <param name="High">The first 128 bits.</param>
/// <param name="Low">The last 128 bits.</param>
public readonly record struct Digest(UInt128 High, UInt128 Low)
{
    private const int HalfLength = 32; // digits, two a byte

    /// <summary>The first two digits, by which rows are spread.</summary>
    public string Shard => ((byte)(High >> 120)).ToString("x2", CultureInfo.InvariantCulture);

    /// <summary>As a row key: 64 hexadecimal digits.</summary>
    /// <returns>Lower-case digits.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{High:x32}{Low:x32}");

    internal static Digest Of(ReadOnlySpan<byte> hash) =>
        new(BinaryPrimitives.ReadUInt128BigEndian(hash), BinaryPrimitives.ReadUInt128BigEndian(hash[(HalfLength / 2)..]));

    internal static Digest Parse(ReadOnlySpan<char> rowKey) => new(Half(rowKey[..HalfLength]), Half(rowKey[HalfLength..]));

    private static UInt128 Half(ReadOnlySpan<char> digits) => UInt128.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
