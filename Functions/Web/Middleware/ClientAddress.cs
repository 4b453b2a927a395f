using System.Net.Sockets;

namespace TokenBroker.Web.Middleware;

/// <summary>
/// Whose request it is, as far as limits are concerned: a feature of the <see cref="HttpContext"/>, set before the endpoint runs.
/// </summary>
/// <param name="Value">
/// An IPv4 address, or the /64 network of an IPv6 address, of which one household has 2^64 addresses; or "unknown", so that all callers
/// without a usable address share one limit.
/// </param>
internal sealed record ClientAddress(string Value)
{
    private const int NetworkBytes = 8;

    public static ClientAddress Unknown { get; } = new("unknown");

    /// <summary>The caller's address, for limits.</summary>
    public static string Of(HttpRequest request) => (request.HttpContext.Features.Get<ClientAddress>() ?? Unknown).Value;

    /// <summary>Reads an address with or without a port, as front ends write it.</summary>
    public static ClientAddress Parse(string? text) =>
        IPEndPoint.TryParse(text?.Trim() ?? "", out var caller) ? From(caller.Address) : Unknown;

    public static ClientAddress From(IPAddress? address)
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

    /// <summary>
    /// On the Functions host: the last entry of X-Forwarded-For, which the platform adds; whatever stands before it the caller wrote. The
    /// worker's own request shows the host's proxy; the caller's headers stand as JSON in the binding data, which is to be believed only
    /// after <see cref="ForgedBindingData"/> has found nothing.
    /// </summary>
    public static ClientAddress FromBindingData(IReadOnlyDictionary<string, object?> bindingData)
    {
        var forwarded = ForwardedFor(bindingData.GetValueOrDefault("Headers") as string);
        return Parse(forwarded?[(forwarded.LastIndexOf(',') + 1)..]);
    }

    /// <summary>Behind Azure Front Door: its TCP peer. <c>X-Azure-ClientIP</c> is not taken: the caller may influence it.</summary>
    public static ClientAddress FromFrontDoor(HttpRequest request) =>
        request.Headers["X-Azure-SocketIP"] is [{ } peer] ? Parse(peer) : Unknown;

    private static string? ForwardedFor(string? headers)
    {
        try
        {
            using var document = JsonDocument.Parse(headers ?? "{}");
            var entries = document.RootElement.EnumerateObject()
                .Where(header => header.Name.Equals("X-Forwarded-For", StringComparison.OrdinalIgnoreCase));
            return entries.Select(header => header.Value.GetString()).LastOrDefault();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            // It is not a JSON object of texts.
            return null;
        }
    }
}
