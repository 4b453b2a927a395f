using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Azure.Functions.Worker;

namespace TokenBroker.Limits;

/// <summary>Whose request it is, as far as limits are concerned.</summary>
internal static class ClientAddress
{
    private const string Header = "X-Forwarded-For";
    private const int NetworkBytes = 8;

    /// <summary>
    /// The caller's address. Only the last entry of X-Forwarded-For can be trusted: the platform adds it, and whatever stands before it the
    /// caller wrote. An IPv6 address stands for its /64, of which one household has 2^64 to choose from.
    /// </summary>
    /// <returns>An address; "unknown" where the platform added none, so that all such callers share one limit.</returns>
    public static string Of(FunctionContext context) =>
        context.BindingContext.BindingData.TryGetValue("Headers", out var headers) && headers is string json && Forwarded(json) is { } forwarded &&
        IPEndPoint.TryParse(forwarded.AsSpan(forwarded.LastIndexOf(',') + 1).Trim(), out var caller)
            ? Network(caller.Address)
            : "unknown";

    private static string? Forwarded(string json)
    {
        using var document = JsonDocument.Parse(json);
        var headers = document.RootElement;
        // Spelt as usual it is found without a text for every header's name.
        if (headers.TryGetProperty(Header, out var forwarded))
            return forwarded.GetString();
        string? last = null;
        foreach (var header in headers.EnumerateObject())
        {
            if (header.Name.Equals(Header, StringComparison.OrdinalIgnoreCase))
                last = header.Value.GetString();
        }
        return last;
    }

    private static string Network(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6 || IPAddress.IsLoopback(address))
            return address.ToString();
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(NetworkBytes).Clear();
        return $"{new IPAddress(bytes)}/64";
    }
}
