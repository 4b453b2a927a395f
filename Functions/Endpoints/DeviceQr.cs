using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TokenBroker.Http;
using TokenBroker.OAuth;
using TokenBroker.Pages;
using TokenBroker.Sessions;

namespace TokenBroker.Endpoints;

/// <summary><c>GET /device/qr?user_code=…</c>: <c>verification_uri_complete</c> as a picture, for a game to show (RFC 8628 §3.3.1).</summary>
[RepliesTo(Audience.Game)]
public sealed class DeviceQr(BrokerOptions options)
{
    /// <summary>Answers with the picture. Whether the code leads anywhere is not looked up: the picture tells no more than the code.</summary>
    /// <param name="request">The game's request.</param>
    /// <returns>200 with SVG; 400 when <c>user_code</c> is missing, repeated or no code.</returns>
    [Function(nameof(DeviceQr))]
    public IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "device/qr")] HttpRequest request)
    {
        var parameters = Parameters.OfQuery(request);
        if (parameters.Repeated("user_code") is { } repeated)
            return JsonReply.Failure(OAuthError.Repeated(repeated));
        if (parameters["user_code"] is not { } text)
            return JsonReply.Failure(OAuthError.Missing("user_code"));
        return UserCode.TryParse(text) is { } code
            ? new QrPicture(Device.Link(options, code), $"QR code that opens {options.Url(Device.Path)} with the code {code.Text}")
            : JsonReply.Failure(OAuthError.InvalidRequest("The parameter 'user_code' is no user code."));
    }
}
