using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace TokenBroker.Http;

/// <summary>Whose request it is, as far as limits are concerned: a feature of the <see cref="HttpContext"/>, set before the endpoint runs.</summary>
/// <param name="Value">
/// An IPv4 address, or the /64 network of an IPv6 address, of which one household has 2^64 addresses; or "unknown", so that all callers without
/// a usable address share one limit.
/// </param>
internal sealed record ClientAddress(string Value)
{
    private const int NetworkBytes = 8;

    public static ClientAddress Unknown { get; } = new("unknown");

    /// <summary>Reads an address with or without a port, as front ends write it.</summary>
    public static ClientAddress Parse(string? text) => IPEndPoint.TryParse(text?.Trim() ?? "", out var caller) ? Of(caller.Address) : Unknown;

    public static ClientAddress Of(IPAddress? address)
    {
        if (address is null)
            return Unknown;
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6 || IPAddress.IsLoopback(address))
            return new(address.ToString());
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(NetworkBytes).Clear();
        return new($"{new IPAddress(bytes)}/64");
    }
}

internal static class ClientAddressExtensions
{
    /// <summary>The caller's address, for limits.</summary>
    public static string ClientAddress(this HttpRequest request) =>
        (request.HttpContext.Features.Get<ClientAddress>() ?? Http.ClientAddress.Unknown).Value;
}
