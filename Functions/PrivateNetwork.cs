namespace TokenBroker;

/// <summary>Addresses that no public provider has, and to which no request may be led from inside a cloud network (SSRF).</summary>
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
            "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2001:db8::/32", "2002::/16", "fc00::/7", "fe80::/10", "fec0::/10",
            "ff00::/8",
            // Azure's own services in a virtual network:
            // https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
            "168.63.129.16/32",
        }.Select(IPNetwork.Parse),
    ];

    /// <summary>Whether an address is in one of these networks.</summary>
    public static bool Contains(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return Networks.Any(network => network.Contains(address));
    }
}
