using System.Text.Json;
using TokenBroker.Http;

namespace TokenBroker.Worker;

/// <summary>
/// The caller's address on the Functions host. The worker's request shows the host's proxy; the caller's headers stand as JSON in the binding
/// data, which is to be believed only after <see cref="RefuseForgedBindingData"/>.
/// </summary>
internal static class PlatformAddress
{
    private const string Header = "X-Forwarded-For";

    /// <summary>The last entry of X-Forwarded-For, which the platform adds; whatever stands before it the caller wrote.</summary>
    public static ClientAddress Of(IReadOnlyDictionary<string, object?> bindingData)
    {
        var forwarded = bindingData.TryGetValue("Headers", out var headers) ? Forwarded(headers as string) : null;
        return ClientAddress.Parse(forwarded?[(forwarded.LastIndexOf(',') + 1)..]);
    }

    private static string? Forwarded(string? headers)
    {
        try
        {
            using var document = JsonDocument.Parse(headers ?? "{}");
            var entries = document.RootElement.EnumerateObject().Where(header => header.Name.Equals(Header, StringComparison.OrdinalIgnoreCase));
            return entries.Select(header => header.Value.GetString()).LastOrDefault();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            // It is no JSON object of texts.
            return null;
        }
    }
}
