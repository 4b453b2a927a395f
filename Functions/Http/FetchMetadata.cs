using Microsoft.AspNetCore.Http;

namespace TokenBroker.Http;

/// <summary>
/// What a browser says of a request by itself (W3C Fetch Metadata). A page of anybody's can make its visitors' browsers send requests, as
/// pictures or scripts; those must not use up the visitors' tries. Who leaves the headers out gains nothing: their tries are counted.
/// </summary>
internal static class FetchMetadata
{
    /// <summary>Whether a page has embedded this address, as a picture, a script, a frame or a WebSocket, or its script calls it from an origin that is not allowed to.</summary>
    public static bool IsEmbedded(HttpRequest request, BrokerOptions options) => request.Headers.ContainsKey("Sec-WebSocket-Key") || request.Headers["Sec-Fetch-Mode"].ToString() switch
    {
        "websocket" => true,
        "no-cors" => true,
        "navigate" => request.Headers["Sec-Fetch-Dest"] != "document",
        "cors" => request.Headers["Sec-Fetch-Site"] != "same-origin" && !options.AllowedOrigins.Contains(request.Headers.Origin.ToString()),
        _ => false,
    };
}
