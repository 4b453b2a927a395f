using TokenBroker.Secrets;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Secrets;

public sealed class ProtectorTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(number => (byte)number)];

    [Fact]
    public void What_is_protected_opens_again() => Assert.Equal([1, 2, 3], Open(Key, Protector.Protect(Key, [1, 2, 3], "context"), "context")!);

    [Fact]
    public void The_same_text_never_looks_the_same_twice() => Assert.NotEqual(Protector.Protect(Key, [1, 2, 3], ""), Protector.Protect(Key, [1, 2, 3], ""));

    [Fact]
    public void Another_key_another_context_or_a_changed_byte_opens_nothing()
    {
        var sealedBytes = Protector.Protect(Key, [1, 2, 3], "context");
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

    private static byte[]? Open(ReadOnlySpan<byte> key, ReadOnlySpan<byte> sealedBytes, string context) => Protector.Unprotect(key, sealedBytes, context, plain => plain.ToArray());

    [Fact]
    public void A_grant_key_follows_from_protection_key_and_code_together()
    {
        var (key, other) = (ProtectionKey.New(), ProtectionKey.New());
        var (code, another) = (Codes.New(), Codes.New());
        Assert.Equal(key.GrantKey(code.ToBytes()), key.GrantKey(code.ToBytes()));
        Assert.Equal(3, new[] { key.GrantKey(code.ToBytes()), key.GrantKey(another.ToBytes()), other.GrantKey(code.ToBytes()) }.Distinct().Count());
        Assert.Equal(3, new[] { key.GrantContentKey(code.ToBytes()), key.GrantContentKey(another.ToBytes()), other.GrantContentKey(code.ToBytes()) }.Select(Convert.ToHexString).Distinct().Count());
    }

    [Theory]
    [InlineData("")]
    [InlineData("AAAA")]
    [InlineData("not base64 at all")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void A_protection_key_is_32_bytes_of_base64(string text) => Assert.Null(ProtectionKey.TryParse(text));
}
