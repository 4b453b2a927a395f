using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Azure.Core;

namespace Azure.Data.Tables.Wire;

/// <summary>Reads the service's error code out of <c>{"odata.error":{"code":…,"message":{"value":…}}}</c>.</summary>
internal sealed class ErrorParser : RequestFailedDetailsParser
{
    public override bool TryParse(Response response, [NotNullWhen(true)] out ResponseError? error, out IDictionary<string, string>? data)
    {
        error = null;
        data = null;
        try
        {
            using var json = JsonDocument.Parse(response.Content);
            if (!json.RootElement.TryGetProperty("odata.error", out var body))
                return false;
            error = new(body.GetProperty("code").GetString(), body.GetProperty("message").GetProperty("value").GetString());
            return true;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return false;
        }
    }
}
