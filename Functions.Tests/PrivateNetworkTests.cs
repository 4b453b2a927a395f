using System.Net;
using TokenBroker.OAuth;
using TokenBroker.Tests.Apps;

namespace TokenBroker.Tests;

public sealed class PrivateNetworkTests
{
    [Theory]
    [InlineData("10.1.2.3", true)]
    [InlineData("172.16.0.1", true)]
    [InlineData("172.32.0.1", false)]
    [InlineData("192.168.1.1", true)]
    [InlineData("169.254.169.254", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("100.64.0.1", true)]
    [InlineData("0.0.0.0", true)]
    [InlineData("93.184.215.14", false)]
    [InlineData("::1", true)]
    [InlineData("::ffff:10.0.0.1", true)]
    [InlineData("fd00::1", true)]
    [InlineData("fe80::1", true)]
    [InlineData("2606:2800:21f:cb07::1", false)]
    public void Private_and_link_local_addresses_are_known(string address, bool expected) =>
        Assert.Equal(expected, PrivateNetwork.Contains(IPAddress.Parse(address)));

    [Theory]
    [InlineData("https://10.0.0.1/token")]
    [InlineData("https://169.254.169.254/token")]
    [InlineData("https://[fd00::1]/token")]
    public void A_configured_private_address_needs_permission(string url)
    {
        var thrown = Assert.Throws<ConfigurationException>(
            () => TestApps.From(("Apps:lifescope:ClientId", "id"), ("Apps:lifescope:TokenEndpoint", url)));
        Assert.StartsWith("Apps__lifescope__TokenEndpoint is a private address", thrown.Message, StringComparison.Ordinal);
        TestApps.From(("Apps:lifescope:ClientId", "id"), ("Apps:lifescope:TokenEndpoint", url),
            ("Apps:lifescope:AllowPrivateNetwork", "true"));
    }

    /// <summary>What a name resolves to goes the way of an address: a rebound name ends as 10.0.0.1 does here.</summary>
    [Fact]
    public async Task A_host_in_a_private_network_is_not_connected_to_and_this_machine_is_if_it_says_so()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Any, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using var client = new HttpClient(
            new SocketsHttpHandler { ConnectCallback = ProviderHttp.ConnectPubliclyAsync, UseProxy = false });

        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(new Uri("http://10.0.0.1/")));
        Assert.Contains("The host has no public address.", refused.ToString(), StringComparison.Ordinal);

        using var limit = new CancellationTokenSource();
        var asking = client.GetAsync(new Uri($"http://localhost:{port}/"), limit.Token);
        using var connected = await listener.AcceptTcpClientAsync();
        await limit.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
    }
}
