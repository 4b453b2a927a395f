using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Azure.Functions.Worker;

namespace TokenBroker.Limits;

/// <summary>Whose request it is, as far as limits are concerned.</summary>
internal static class ClientAddress
{
    private const int NetworkBytes = 8;

    /// <summary>
    /// The caller's address. Only the last entry of X-Forwarded-For can be trusted: the platform adds it, and whatever stands before it the
    /// caller wrote. An IPv6 address stands for its /64, of which one household has 2^64 to choose from.
    /// </summary>
    /// <returns>An address; "unknown" where the platform added none, so that all such callers share one limit.</returns>
    public static string Of(FunctionContext context) =>
        context.BindingContext.BindingData.TryGetValue("Headers", out var headers) && headers is string json && Forwarded(json) is { } forwarded &&
        IPEndPoint.TryParse(forwarded.Split(',')[^1].Trim(), out var caller)
            ? Network(caller.Address)
            : "unknown";

    private static string? Forwarded(string json)
    {
        using var headers = JsonDocument.Parse(json);
        string? forwarded = null;
        foreach (var header in headers.RootElement.EnumerateObject())
        {
            if (header.Name.Equals("X-Forwarded-For", StringComparison.OrdinalIgnoreCase))
                forwarded = header.Value.GetString();
        }
        return forwarded;
    }

    private static string Network(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address.ToString();
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(NetworkBytes).Clear();
        return $"{new IPAddress(bytes)}/64";
    }
}
