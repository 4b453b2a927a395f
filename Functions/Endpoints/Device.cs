namespace TokenBroker.Endpoints;

/// <summary>
/// <c>/device</c>: where the player enters the code that the game shows (RFC 8628 §3.3), sees what is asked for and by whom, and accepts
/// or declines. Accepting goes on to the provider as create-session does.
/// </summary>
[RepliesTo(Audience.Browser)]
public sealed class Device(
    BrokerOptions options, FailureLimiter failures, FindDevice find, DecideDevice decide, AuthorizeUrl authorizeUrl, ISecrets secrets,
    TimeProvider time)
{
    /// <summary>Answers with the form for the code, with the question, or with what became of the answer.</summary>
    /// <param name="request">
    /// The browser's request: a query or a form with <c>user_code</c>; the form also with <c>action</c> and <c>form_token</c>.
    /// </param>
    /// <returns>
    /// 200 with a page; 303 to the provider; 400 for an unknown code; 403 after declining; 429 after ten unknown codes; 503 while storage
    /// is down.
    /// </returns>
    [Function(nameof(Device))]
    public async Task<IResult> Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", Route = Paths.Device)] HttpRequest request)
    {
        var isForm = HttpMethods.IsPost(request.Method);
        var parameters = await Parameters.ReadAsync(request, "user_code", "action", FormGuard.Field);
        if (parameters.Error is { } error)
            return BrokerPages.BadLink(error.Description);
        if (parameters["user_code"] is not { } typed)
            return isForm ? WrongCode() : BrokerPages.EnterUserCode(options.Path(Paths.Device));

        var (address, cancellation) = (ClientAddress.Of(request), request.HttpContext.RequestAborted);
        using var attempt = await failures.TryEnterAsync(address, app: "", cancellation);
        if (attempt is null)
            return BrokerPages.TooManyCodes(failures.WaitOf(address, app: ""));
        var device = await find.RunAsync(typed, attempt, cancellation);
        return device is null ? WrongCode() : await DecideAsync(request, device, isForm ? parameters : null);
    }

    private async Task<IResult> DecideAsync(HttpRequest request, FindDevice.Device device, Parameters? form)
    {
        var cancellation = request.HttpContext.RequestAborted;
        var (id, session, app) = (device.Id, device.Session, device.App);
        // The key of the session's beginning, so that a rotation in between changes nothing.
        var key = (await secrets.ProtectionKeysAsync(cancellation)).Current(session.BeganAt);
        var guard = new FormGuard(request, options, key);
        var decision = DecideDevice.DecisionOf(session, guard.Browser);
        if (decision != DeviceDecision.Open)
            return Show(decision, device);
        var provider = await authorizeUrl.BuildAsync(app, session.Scopes, id.State, id.CodeVerifier, cancellation);
        if (provider is null)
            return BrokerPages.ProviderTrouble(app, startAgain: null);
        if (form?["action"] is not { } action)
        {
            var formToken = guard.NewToken(device.Code.Text);
            return BrokerPages.ConfirmDevice(app, session.Scopes, device.Code, options.Path(Paths.Device), formToken, provider);
        }
        if (!guard.Accepts(device.Code.Text, form[FormGuard.Field]))
            return BrokerPages.CookiesOff();

        switch (action)
        {
            case "accept":
                decision = await decide.AcceptAsync(device, guard.Browser!);
                return decision == DeviceDecision.Accepted ? GoToProvider(request, device, provider) : Show(decision, device);
            case "decline":
                return Show(await decide.DeclineAsync(device, guard.Browser!), device);
            default:
                return BrokerPages.BadLink("It carries an unknown action.");
        }
    }

    private IResult Show(DeviceDecision decision, FindDevice.Device device) => decision switch
    {
        DeviceDecision.Declined => BrokerPages.DeviceDeclined(device.App),
        DeviceDecision.AlreadyAtProvider => EmptyReply.SeeOther(options.Path(Paths.Complete)),
        DeviceDecision.TakenByAnotherBrowser => WrongCode(),
        _ => throw new UnreachableException(),
    };

    private EmptyReply GoToProvider(HttpRequest request, FindDevice.Device device, Uri provider)
    {
        StartAgain.Forget(request);
        SessionCookie.Write(request.HttpContext.Response, device.Id, time.GetUtcNow(), options);
        return EmptyReply.SeeOther(provider.AbsoluteUri);
    }

    private Page WrongCode() => BrokerPages.WrongUserCode(options.Path(Paths.Device));
}
