using System.Net;
using TokenBroker.Local;

namespace TokenBroker.Tests.Local;

/// <summary>What a local run makes of its command line, of its network and of its desk.</summary>
public sealed class LocalArgumentsTests
{
    private static readonly (string, IPAddress) Wireless = ("wlan0", IPAddress.Parse("192.168.1.5"));
    private static readonly (string, IPAddress) Wired = ("eth0", IPAddress.Parse("10.0.0.2"));

    [Fact]
    public void Its_own_words_are_told_from_configuration()
    {
        var parsed = LocalArguments.Parse(
            ["check", "--open", "--lan", "--public", "https://a.example.com", "--urls=http://localhost:1", "--x", "y"]);
        Assert.Equal((true, true, true), (parsed.Check, parsed.Open, parsed.WithEmulators));
        Assert.Equal(("", "https://a.example.com"), (parsed.Lan, parsed.Public));
        Assert.Equal(["--urls=http://localhost:1", "--x", "y"], parsed.Configuration);
        Assert.Equal("10.0.0.2", LocalArguments.Parse(["--lan=10.0.0.2"]).Lan);
        Assert.StartsWith("--public lacks the address",
            Assert.Throws<ConfigurationException>(() => LocalArguments.Parse(["--public"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_one_address_of_the_network_is_taken_and_of_several_all_are_named()
    {
        Assert.Equal(Wireless.Item2, LocalNetwork.Choose("", [Wireless]));
        Assert.Equal(Wired.Item2, LocalNetwork.Choose("10.0.0.2", [Wireless, Wired]));
        Assert.Equal("--lan finds several addresses: 192.168.1.5 (wlan0), 10.0.0.2 (eth0). Choose one: --lan=192.168.1.5",
            Assert.Throws<ConfigurationException>(() => LocalNetwork.Choose("", [Wireless, Wired])).Message);
        Assert.Equal("--lan must be a private address of this machine: 192.168.1.5 (wlan0).",
            Assert.Throws<ConfigurationException>(() => LocalNetwork.Choose("8.8.8.8", [Wireless])).Message);
        Assert.Equal("--lan finds no private address of this machine: is it in a network?",
            Assert.Throws<ConfigurationException>(() => LocalNetwork.Choose("", [])).Message);
    }

    [Theory]
    [InlineData("DISPLAY=:0", true)]
    [InlineData("WAYLAND_DISPLAY=wayland-0", true)]
    [InlineData("", false)]
    [InlineData("DISPLAY=:0 SSH_CONNECTION=x", false)]
    [InlineData("DISPLAY=:0 CI=true", false)]
    public void A_browser_is_opened_where_somebody_sees_it(string environment, bool opens)
    {
        var variables = environment.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('='))
            .ToDictionary(pair => pair[0], pair => pair[1]);
        Assert.Equal(opens, DesktopBrowser.HasDisplay(variables.GetValueOrDefault));
    }
}
