using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>
/// Does what the platform's front end does: the caller's headers go into the binding data with the caller's address added last to
/// X-Forwarded-For; the request itself shows only the front end.
/// </summary>
internal sealed class PlatformHeaders
{
    private const string Name = "X-Forwarded-For";
    private static readonly string FrontEnd = IPAddress.Loopback.ToString();

    private readonly IHeaderDictionary _headers;
    private readonly string? _claimed;
    private readonly IPEndPoint _caller;

    /// <summary>Puts the front end into the caller's place.</summary>
    public PlatformHeaders(HttpContext http)
    {
        _headers = http.Request.Headers;
        _claimed = _headers.TryGetValue(Name, out var claimed) ? claimed.ToString() : null;
        _caller = new IPEndPoint(http.Connection.RemoteIpAddress ?? IPAddress.Loopback, http.Connection.RemotePort);
        http.Connection.RemoteIpAddress = IPAddress.Loopback;
        _headers[Name] = FrontEnd;
    }

    /// <summary>The caller's headers as one JSON object, written when a function asks for it.</summary>
    public string ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        foreach (var (name, value) in _headers)
        {
            if (!name.Equals(Name, StringComparison.OrdinalIgnoreCase))
                json.WriteString(name, value.ToString());
        }
        json.WriteString(Name, _claimed is null ? _caller.ToString() : $"{_claimed}, {_caller}");
        json.WriteEndObject();
        json.Flush();
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
