using TokenBroker.Crypto;

namespace TokenBroker.Tests.Crypto;

public sealed class PkceTests
{
    // RFC 7636 Appendix B.
    private const string Verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    private const string Challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    [Fact]
    public void The_challenge_is_the_one_of_the_RFC() => Assert.Equal(Challenge, Pkce.Challenge(Verifier));

    [Fact]
    public void A_verifier_answers_its_challenge_only()
    {
        Assert.True(Pkce.Verify(Verifier, Challenge));
        Assert.False(Pkce.Verify(Verifier[..^1] + "x", Challenge));
        Assert.False(Pkce.Verify(null, Challenge));
        Assert.False(Pkce.Verify("short", Challenge));
    }

    [Fact]
    public void A_verifier_without_a_challenge_is_refused() => Assert.False(Pkce.Verify(Verifier, null));

    [Fact]
    public void Neither_is_fine() => Assert.True(Pkce.Verify(null, null));

    [Theory]
    [InlineData(Challenge, true)]
    [InlineData("", false)]
    [InlineData("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c", false)]
    [InlineData("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c!", false)]
    [InlineData("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM", false)]
    public void A_challenge_is_base64url_of_32_bytes(string text, bool expected) => Assert.Equal(expected, Pkce.IsChallenge(text));

    [Theory]
    [InlineData(42, false)]
    [InlineData(43, true)]
    [InlineData(128, true)]
    [InlineData(129, false)]
    public void A_verifier_has_43_to_128_characters(int length, bool expected) =>
        Assert.Equal(expected, Pkce.IsVerifier(new string('a', length)));

    [Fact]
    public void A_verifier_has_unreserved_characters_only() => Assert.False(Pkce.IsVerifier(new string('a', 42) + "+"));
}
