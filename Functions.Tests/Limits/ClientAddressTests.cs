using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using Moq;
using TokenBroker.Limits;

namespace TokenBroker.Tests.Limits;

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
            Assert.Equal(expected, Of(JsonSerializer.Serialize(new Dictionary<string, string> { ["Host"] = "8.8.8.8", [name] = forwarded })));
    }

    [Fact]
    public void Without_headers_the_address_is_unknown()
    {
        Assert.Equal("unknown", Of("{}"));
        Assert.Equal("unknown", Of(null));
    }

    private static string Of(string? headers)
    {
        var binding = new Mock<BindingContext>();
        binding.Setup(context => context.BindingData).Returns(headers is null ? [] : new Dictionary<string, object?> { ["Headers"] = headers });
        var invocation = new Mock<FunctionContext>();
        invocation.Setup(context => context.BindingContext).Returns(binding.Object);
        return ClientAddress.Of(invocation.Object);
    }
}
