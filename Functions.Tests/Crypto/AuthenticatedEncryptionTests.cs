using TokenBroker.Crypto;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Crypto;

public sealed class AuthenticatedEncryptionTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(number => (byte)number)];

    [Fact]
    public void What_is_protected_opens_again() =>
        Assert.Equal([1, 2, 3], Open(Key, AuthenticatedEncryption.Seal(Key, [1, 2, 3], "context"), "context")!);

    [Fact]
    public void The_same_text_never_looks_the_same_twice() =>
        Assert.NotEqual(AuthenticatedEncryption.Seal(Key, [1, 2, 3], ""), AuthenticatedEncryption.Seal(Key, [1, 2, 3], ""));

    [Fact]
    public void Another_key_another_context_or_a_changed_byte_opens_nothing()
    {
        var sealedBytes = AuthenticatedEncryption.Seal(Key, [1, 2, 3], "context");
        Assert.Null(Open([.. Key.Reverse()], sealedBytes, "context"));
        Assert.Null(Open(Key, sealedBytes, "other"));
        Assert.Null(Open(Key, sealedBytes.AsSpan(1), "context"));
        Assert.Null(Open(Key, [], "context"));
        for (var index = 0; index < sealedBytes.Length; index++)
        {
            byte[] changed = [.. sealedBytes];
            changed[index] ^= 1;
            Assert.Null(Open(Key, changed, "context"));
        }
    }

    private static byte[]? Open(byte[] key, ReadOnlySpan<byte> sealedBytes, string context) =>
        AuthenticatedEncryption.Open(key, sealedBytes, context);

    [Fact]
    public void The_place_and_key_of_a_code_entry_follow_from_protection_key_and_code_together()
    {
        var (key, other) = (ProtectionKey.New(), ProtectionKey.New());
        var (code, another) = (Codes.New().Text, Codes.New().Text);
        Assert.Equal(key.RowKeyOf(code), key.RowKeyOf(code));
        Assert.Equal(3, new[] { key.RowKeyOf(code), key.RowKeyOf(another), other.RowKeyOf(code) }.Distinct().Count());
        var contentKeys = new[] { key.ContentKeyOf(code), key.ContentKeyOf(another), other.ContentKeyOf(code) };
        Assert.Equal(3, contentKeys.Select(Convert.ToHexString).Distinct().Count());
    }

    [Theory]
    [InlineData("")]
    [InlineData("AAAA")]
    [InlineData("not base64 at all")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void A_protection_key_is_32_bytes_of_base64(string text) => Assert.Null(ProtectionKey.TryParse(text));
}
