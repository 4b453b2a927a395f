using System.Text.Json;
using TokenBroker.Web.Middleware;

namespace TokenBroker.Tests.Web;

public sealed class ClientAddressTests
{
    [Theory]
    [InlineData("203.0.113.7:4711", "203.0.113.7")]
    [InlineData("203.0.113.7", "203.0.113.7")]
    [InlineData("[::1]:4711", "::1")]
    [InlineData("1.2.3.4, 203.0.113.7:4711", "203.0.113.7")]
    [InlineData("[2001:db8:1:2:3:4:5:6]:4711", "2001:db8:1:2::/64")]
    [InlineData("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64")]
    [InlineData("::ffff:203.0.113.7", "203.0.113.7")]
    [InlineData("nonsense", "unknown")]
    [InlineData("203.0.113.7, nonsense", "unknown")]
    [InlineData("", "unknown")]
    public void Only_the_last_entry_counts(string forwarded, string expected)
    {
        foreach (var name in new[] { "X-Forwarded-For", "x-forwarded-for" })
            Assert.Equal(expected, Of(JsonSerializer.Serialize(
                new Dictionary<string, string> { ["Host"] = "8.8.8.8", [name] = forwarded })));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"X-Forwarded-For":null}""")]
    [InlineData("""{"X-Forwarded-For":7}""")]
    [InlineData("""{"X-Forwarded-For":["203.0.113.7"]}""")]
    public void Without_a_usable_address_it_is_unknown(object? headers)
    {
        Assert.Equal("unknown", Of(headers));
    }

    [Fact]
    public void Without_headers_or_with_others_than_text_it_is_unknown()
    {
        Assert.Equal("unknown", ClientAddress.FromBindingData(new Dictionary<string, object?>()).Value);
        Assert.Equal("unknown", Of(7));
    }

    private static string Of(object? headers) =>
        ClientAddress.FromBindingData(new Dictionary<string, object?> { ["Headers"] = headers }).Value;
}
