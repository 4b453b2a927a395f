using QRCoder;

namespace TokenBroker.Web.Pages;

/// <summary>
/// A QR code as SVG: black on white with the quiet zone of four modules that ISO/IEC 18004 asks for, whatever the screen's own colours,
/// sharp at any size, and with a text for screen readers.
/// </summary>
internal sealed class QrPicture(string content, string text) : IResult
{
    private const int QuietZone = 4;

    /// <summary>The size in CSS pixels unless the game sets another: readable from a sofa on a TV of 1080 lines.</summary>
    private const int Size = 480;

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        // A game in a browser shows it on a page of its own.
        response.Headers["Cross-Origin-Resource-Policy"] = "cross-origin";
        response.ContentType = "image/svg+xml; charset=utf-8";
        return response.WriteAsync(Svg(), Encoding.UTF8, httpContext.RequestAborted);
    }

    private string Svg()
    {
        // M: it is still read when glare or a cursor hides a tenth of it, and its modules stay large.
        using var code = QRCodeGenerator.GenerateQrCode(content, QRCodeGenerator.ECCLevel.M);
        // QRCoder's matrix has the quiet zone around it.
        var side = code.ModuleMatrix.Count;
        var path = new StringBuilder();
        for (var y = QuietZone; y < side - QuietZone; y++)
        {
            for (var x = QuietZone; x < side - QuietZone; x++)
            {
                if (code.ModuleMatrix[y][x])
                    path.Append('M').Append(x).Append(' ').Append(y).Append("h1v1h-1z");
            }
        }
        return $"""
            <svg xmlns="http://www.w3.org/2000/svg" width="{Size}" height="{Size}" viewBox="0 0 {side} {side}"
            role="img" aria-labelledby="text" shape-rendering="crispEdges">
            <title id="text">{PageTemplate.Encode(text)}</title>
            <path fill="#fff" d="M0 0h{side}v{side}H0z"/>
            <path fill="#000" d="{path}"/>
            </svg>
            """;
    }
}
