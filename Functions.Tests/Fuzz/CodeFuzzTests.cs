using System.Buffers.Text;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using TokenBroker.Crypto;
using TokenBroker.SignIns;
using TokenBroker.Storage;

namespace TokenBroker.Tests.Fuzz;

/// <summary>What the broker gave away and strangers send back: codes that people type, ids, and what is sealed.</summary>
public sealed class CodeFuzzTests
{
    private const string AccessCodeAlphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz";
    private const string UserCodeAlphabet = "BCDFGHJKLMNPQRSTVWXZ";
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    /// <summary>The key that sealed the corpus.</summary>
    private static readonly byte[] Key = [.. Enumerable.Range(0, ProtectionKey.Length).Select(number => (byte)number)];
    private static readonly KeyRing Keys = new([(new ProtectionKey(Key), Now)]);

    [Fact]
    public void Any_text_is_an_access_code_as_it_stands_there_or_none() =>
        Fuzz.Check("access-code", Typed(AccessCodeAlphabet), input =>
        {
            var text = Inputs.Text(input);
            var code = AccessCode.TryParse(text)?.Text;
            Assert.Equal(code, AccessCode.TryParse(WithNoise(text))?.Text);
            if (code is null)
                return;
            Assert.Equal(AccessCode.Length, code.Length);
            Assert.All(code, character => Assert.Contains(character, AccessCodeAlphabet));
            Assert.True(StandsIn(code, text.Select(TypedCode.ToHalfWidth)));
        });

    [Fact]
    public void Any_text_is_a_user_code_as_it_stands_there_or_none() =>
        Fuzz.Check("user-code", Typed(UserCodeAlphabet), input =>
        {
            var text = Inputs.Text(input);
            var code = UserCode.TryParse(text)?.Text;
            Assert.Equal(code, UserCode.TryParse(WithNoise(text))?.Text);
            if (code is null)
                return;
            Assert.Equal(code, UserCode.TryParse(code.ToLowerInvariant())?.Text);
            var letters = code.Replace("-", "", StringComparison.Ordinal);
            Assert.Equal(UserCode.Length, letters.Length);
            Assert.All(letters, letter => Assert.Contains(letter, UserCodeAlphabet));
            Assert.True(StandsIn(letters, text.Select(TypedCode.ToHalfWidth).Select(char.ToUpperInvariant)));
        });

    [Fact]
    public void Any_text_is_a_session_id_and_a_device_code_to_the_letter_or_none()
    {
        var genuine = SessionId.TryParse("019aa6d6b000" + Base64Url.EncodeToString(Key))!;
        Fuzz.Check("session-id", Ids(), input =>
        {
            var text = Inputs.Text(input);
            var id = SessionId.TryParse(text);
            var code = DeviceCode.TryParse(text);
            Assert.Equal(id?.Text, code?.Text);
            if (id is null)
                return;
            Assert.Equal(text, id.Text);
            Assert.NotEqual(text, code!.SessionId.Text);
            Assert.Equal(text == genuine.Text, id.RowKey == genuine.RowKey);
            Assert.Equal(text == genuine.Text, genuine.IsState(id.State));
            // The lifetime of no id overflows.
            Assert.True(id.IsExpired(DateTimeOffset.MaxValue));
        });
    }

    [Fact]
    public void Any_text_is_none_of_our_sealed_tokens_unless_it_is_one()
    {
        var genuine = Genuine("sealed-token").Select(Encoding.ASCII.GetString).ToHashSet();
        var forged =
            from content in Gen.ArrayOf(Gen.Choose(0, byte.MaxValue).Select(number => (byte)number))
            select $"tb1.{Keys.Current(Now).Id}.{Base64Url.EncodeToString(content)}";
        Fuzz.Check("sealed-token", forged, input =>
        {
            var text = Inputs.Text(input);
            Assert.Equal(genuine.Contains(text), SealedRefreshToken.Open(text, Keys) is not null);
        });
    }

    [Fact]
    public void A_sealed_token_comes_back_and_with_one_character_changed_does_not()
    {
        var token = new SealedRefreshToken("app", ["a", "b"], "the provider's refresh token");
        var text = token.Seal(Keys.Current(Now));
        var opened = SealedRefreshToken.Open(text, Keys)!;
        Assert.Equal((token.AppName, token.Token), (opened.AppName, opened.Token));
        Assert.Equal(token.Scopes, opened.Scopes);

        var characters = Enumerable.Range(0, 256).Select(number => (char)number).Append('\uff21');
        foreach (var (at, character) in Enumerable.Range(0, text.Length + 1).SelectMany(at => characters.Select(one => (at, one))))
        {
            var (before, after) = (text[..at], text[at..]);
            Assert.Null(SealedRefreshToken.Open($"{before}{character}{after}", Keys));
            if (after.Length > 0 && after[0] != character)
                Assert.Null(SealedRefreshToken.Open($"{before}{character}{after[1..]}", Keys));
        }
    }

    [Fact]
    public void Any_bytes_are_none_of_our_ciphertexts_unless_they_are_one()
    {
        var genuine = Genuine("ciphertext").Select(Convert.ToHexString).ToHashSet();
        Fuzz.Check("ciphertext", Gen.Constant(""), input =>
            Assert.Equal(genuine.Contains(Convert.ToHexString(input)), AuthenticatedEncryption.Open(Key, input, "context") is not null));
    }

    /// <summary>What was sealed under <see cref="Key"/>, and must open as long as the format has this version.</summary>
    private static IEnumerable<byte[]> Genuine(string target) =>
        Fuzz.Corpus(target).Where(entry => entry.File.StartsWith("genuine", StringComparison.Ordinal)).Select(entry => entry.Input);

    private static Gen<string> Typed(string alphabet) =>
        from characters in Gen.ArrayOf(Gen.Elements(alphabet.ToCharArray()), 8)
        from dash in Gen.Elements("", "-", " ", "\u2013")
        from offset in Gen.Elements(0, 0, 0, 0xFEE0)
        select string.Concat(characters.Select(character => (char)(character + offset)).Take(4))
            + dash + string.Concat(characters.Skip(4));

    /// <summary>Blanks and dashes between all characters, which make no difference.</summary>
    private static string WithNoise(string text) => string.Join("-\u00a0\u200b", text.ToCharArray());

    private static Gen<string> Ids() =>
        from milliseconds in Gen.Choose(0, int.MaxValue).Select(number => (long)number << 17)
        from secret in Gen.ArrayOf(Gen.Choose(0, byte.MaxValue).Select(number => (byte)number), 32)
        select $"{milliseconds:x12}{Base64Url.EncodeToString(secret)}";

    /// <summary>Whether the characters stand in a text in this order, whatever stands between them.</summary>
    private static bool StandsIn(string characters, IEnumerable<char> text) =>
        text.Aggregate(0, (found, character) => found < characters.Length && characters[found] == character ? found + 1 : found)
            == characters.Length;
}
