namespace TokenBroker.Endpoints;

/// <summary>
/// <c>GET /device/qr?user_code=…</c>: <c>verification_uri_complete</c> as a picture, for a game to show (RFC 8628 §3.3.1).
/// </summary>
[RepliesTo(Audience.Game, ChangesNothing = true)]
public sealed class DeviceQr(BrokerOptions options)
{
    /// <summary>Answers with the picture. Whether the code is known is not looked up: the picture tells no more than the code.</summary>
    /// <param name="request">The game's request.</param>
    /// <returns>200 with SVG; 400 when <c>user_code</c> is missing, repeated or no code.</returns>
    [Function(nameof(DeviceQr))]
    public async Task<IResult> Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Paths.Device + "/qr")] HttpRequest request)
    {
        var parameters = await Parameters.ReadAsync(request, "user_code");
        if (parameters.Error is { } error)
            return JsonReply.Failure(error);
        if (parameters["user_code"] is not { } typed)
            return JsonReply.Failure(OAuthError.Missing("user_code"));
        if (UserCode.TryParse(typed) is not { } code)
            return JsonReply.Failure(OAuthError.InvalidRequest("The parameter 'user_code' is no user code."));
        return new QrPicture(Paths.DeviceLink(options, code),
            $"QR code that opens {options.Url(Paths.Device)} with the code {code.Text}");
    }
}
