using System.Net;
using System.Net.Sockets;

namespace TokenBroker.OAuth;

/// <summary>Addresses that no public provider has, and that a request from inside a cloud network must not be led to (SSRF).</summary>
internal static class PrivateNetwork
{
    // The IANA special-purpose registries (RFC 6890): this network, private, shared, loopback, link-local, protocol assignments,
    // documentation, benchmarks, multicast and reserved; for IPv6 likewise, and translated IPv4.
    private static readonly IPNetwork[] Networks =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2001:db8::/32", "2002::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
            "168.63.129.16/32", // Azure's own services inside a virtual network: https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
        }.Select(IPNetwork.Parse),
    ];

    public static bool Contains(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return Networks.Any(network => network.Contains(address));
    }

    /// <summary>Connects to a host's public addresses only; a host that is loopback in so many words was configured so, and may.</summary>
    public static async ValueTask<Stream> ConnectPubliclyAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var endpoint = context.DnsEndPoint;
        var addresses = await Dns.GetHostAddressesAsync(endpoint.Host, cancellation);
        if (!context.InitialRequestMessage.RequestUri!.IsLoopback)
            addresses = [.. addresses.Where(address => !Contains(address))];
        if (addresses.Length == 0)
            throw new HttpRequestException("The host has no public address.");

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, endpoint.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (Exception)
        {
            socket.Dispose();
            throw;
        }
    }
}
