namespace TokenBroker.Endpoints;

/// <summary>
/// <c>POST /device_authorization</c>: where a game that cannot open a browser begins (RFC 8628 §3.1). It shows the user code, or a QR
/// code of <c>verification_uri_complete</c>, and polls <c>/token</c>.
/// </summary>
[RepliesTo(Audience.Game)]
public sealed class DeviceAuthorization(AppCatalog apps, BrokerOptions options, SessionLimiter limiter, IdTokens idTokens,
    BeginDevice begin)
{
    /// <summary>Answers with the codes or with an error.</summary>
    /// <param name="request">The game's form: <c>client_id</c>, <c>scope</c> and <c>provider</c>.</param>
    /// <returns>
    /// 200 as RFC 8628 §3.2 says; 400 with an error of RFC 6749 §5.2; 429 for too many sessions from one address; 503 while storage is
    /// down.
    /// </returns>
    [Function(nameof(DeviceAuthorization))]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", "options", Route = Paths.DeviceAuthorization)] HttpRequest request)
    {
        var parameters = await Parameters.ReadAsync(request, "client_id", "app", "scope", "provider");
        if (parameters.Error is { } error)
            return JsonReply.Failure(error);
        if (apps.Find(parameters["app"], parameters["client_id"]) is not { } app)
            return JsonReply.Failure(OAuthError.InvalidClient);
        if (!app.Flows.Contains(Flow.Device))
            return JsonReply.Failure(OAuthError.UnauthorizedClient);
        var named = parameters["client_id"] ?? parameters["app"];
        if (SignInParameters.ProblemWithName(app, named, parameters["scope"]) is { } problem)
            return JsonReply.Failure(problem);
        var choices = app.ChoicesFor(parameters["scope"], parameters["provider"]);
        if (choices.All.Count == 0)
            return JsonReply.Failure(OAuthError.Of(choices));
        var wantsIdentity = choices.All.Any(choice => choice.Scopes.Contains(Registration.OpenId));
        if (wantsIdentity && !await idTokens.CanMakeAsync(request.HttpContext.RequestAborted))
            return JsonReply.Failure(OAuthError.NoSigningKey);
        if (!limiter.TryBegin(ClientAddress.Of(request), out var wait))
            return JsonReply.Failure(OAuthError.TooManySessions, wait);

        var (deviceCode, userCode) = await begin.RunAsync(
            app, choices.All, Scopes.Split(parameters["scope"]), request.HttpContext.RequestAborted);
        return JsonReply.Status(StatusCodes.Status200OK, json =>
        {
            json.WriteString("device_code", deviceCode.Text);
            json.WriteString("user_code", userCode.Text);
            json.WriteString("verification_uri", options.Url(Paths.Device));
            json.WriteString("verification_uri_complete", Paths.DeviceLink(options, userCode));
            json.WriteNumber("expires_in", (int)Session.Lifetime.TotalSeconds);
            json.WriteNumber("interval", PollPace.Seconds);
        });
    }
}
