using TokenBroker.SignIns;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.SignIns;

public sealed class AccessCodeTests
{
    [Fact]
    public void A_code_has_eight_characters_without_look_alikes()
    {
        for (var draw = 0; draw < 1000; draw++)
            Assert.Matches("^[2-9A-HJ-NP-Za-km-np-z]{8}$", Codes.New().Text);
    }

    [Fact]
    public void Every_character_is_drawn_about_equally_often()
    {
        const int codes = 20_000;
        var counts = Enumerable.Range(0, codes).SelectMany(_ => Codes.New().Text).GroupBy(character => character)
            .ToDictionary(group => group.Key, group => group.Count());
        Assert.Equal(56, counts.Count);
        // Chi-squared with 55 degrees of freedom: over 130 once in some ten million runs. Modulo bias of a byte would give over 500.
        var expected = codes * 8 / 56.0;
        Assert.InRange(counts.Values.Sum(count => Math.Pow(count - expected, 2) / expected), 0, 130);
    }

    [Theory]
    [InlineData("a2B3c4D5")]
    [InlineData("  a2B3c4D5 ")]
    [InlineData("a2B3-c4D5")]
    [InlineData("a2 B3 c4 D5")]
    [InlineData("a2B3\tc4D5\n")]
    [InlineData("a2B3\u2013c4D5")]
    [InlineData("a2B3\u2011c4D5")]
    [InlineData("a2B3\u2212c4D5")]
    [InlineData("\u200Ba2B3\u3000c4D5\uFEFF")]
    [InlineData("\uFF41\uFF12\uFF22\uFF13\uFF0D\uFF43\uFF14\uFF24\uFF15")]
    public void Blanks_and_dashes_do_not_count(string typed) => Assert.Equal("a2B3c4D5", AccessCode.TryParse(typed)!.Text);

    [Theory]
    [InlineData("")]
    [InlineData("a2B3c4D")]
    [InlineData("a2B3c4D55")]
    [InlineData("a2B3c4D0")]
    [InlineData("a2B3c4Dl")]
    [InlineData("a2B3c4Dé")]
    [InlineData("--------")]
    public void Other_text_is_no_code(string typed) => Assert.Null(AccessCode.TryParse(typed));

    [Fact]
    public void A_code_does_not_show_itself() => Assert.Equal("AccessCode", Codes.New().ToString());
}
