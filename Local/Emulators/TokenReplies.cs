using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace TokenBroker.Local.Emulators;

/// <summary>How emulated token endpoints read requests and write replies.</summary>
internal static class TokenReplies
{
    public static bool HasContentType(this HttpRequest request, string type) =>
        request.ContentType?.Split(';')[0].Trim().Equals(type, StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>A form's fields; null when one is repeated.</summary>
    public static async Task<Dictionary<string, string>?> ReadFieldsAsync(this HttpRequest request)
    {
        var form = await request.ReadFormAsync();
        return form.Any(field => field.Value.Count != 1) ? null : form.ToDictionary(field => field.Key, field => field.Value.ToString());
    }

    public static async Task<Dictionary<string, string>?> ReadJsonAsync(this HttpRequest request)
    {
        try
        {
            return await JsonSerializer.DeserializeAsync<Dictionary<string, string>>(request.Body);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Id and secret of HTTP Basic, form-decoded (RFC 6749 §2.3.1); null without.</summary>
    public static (string Id, string Secret)? BasicCredentials(this HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        if (!header.StartsWith("Basic ", StringComparison.Ordinal))
            return null;
        var parts = Encoding.UTF8.GetString(Convert.FromBase64String(header[6..])).Split(':', 2);
        return parts.Length == 2 ? (Decode(parts[0]), Decode(parts[1])) : null;

        static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
    }

    public static string? Bearer(this HttpRequest request) =>
        request.Headers.Authorization.ToString() is var header && header.StartsWith("Bearer ", StringComparison.Ordinal)
            ? header[7..]
            : null;

    public static Task WriteAsync(HttpContext http, int status, object reply)
    {
        http.Response.StatusCode = status;
        http.Response.Headers.CacheControl = "no-store";
        return http.Response.WriteAsJsonAsync(reply);
    }

    /// <summary>A refusal as RFC 6749 §5.2 has it.</summary>
    public static Task RefuseAsync(HttpContext http, string error, int status = 400) =>
        WriteAsync(http, status, new { error, error_description = $"The emulator says {error}" });
}
