namespace TokenBroker.Endpoints;

/// <summary>
/// <c>/device</c>: where the player enters the code that the game shows (RFC 8628 §3.3), sees what is asked for and by whom, and accepts
/// or declines. Who came by a link chooses the code among others first (docs/decisions/0012). Accepting goes on to the provider as
/// create-session does.
/// </summary>
[RepliesTo(Audience.Browser)]
public sealed class Device(
    BrokerOptions options, FailureLimiter failures, FindDevice find, DecideDevice decide, AuthorizeUrl authorizeUrl, ISecrets secrets,
    TimeProvider time)
{
    /// <summary>Answers with the form for the code, with the question, or with what became of the answer.</summary>
    /// <param name="request">
    /// The browser's request: a link with <c>user_code</c>, or a form of ours with <c>user_code</c>, <c>link</c>, <c>action</c> and
    /// <c>form_token</c>.
    /// </param>
    /// <returns>
    /// 200 with a page; 303 to the provider; 400 for an unknown or a wrongly chosen code; 403 after declining; 429 after ten of these; 503
    /// while storage or the vault is down.
    /// </returns>
    [Function(nameof(Device))]
    public async Task<IResult> Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", Route = Paths.Device)] HttpRequest request)
    {
        var parameters = await Parameters.ReadAsync(request, "user_code", "link", "action", "form_token", "provider");
        if (parameters.Error is { } error)
            return BrokerPages.BadLink(error.Description);
        var (address, cancellation) = (ClientAddress.Of(request), request.HttpContext.RequestAborted);
        var (keys, now) = (await secrets.ProtectionKeysAsync(cancellation), time.GetUtcNow());
        var guard = new FormGuard(request, options, keys, now);
        var form = new DeviceForm(parameters, request, guard, keys, now);
        var isEmpty = parameters["user_code"] is null && form.Code is null;
        if (isEmpty)
            return DevicePages.EnterUserCode(options.Path(Paths.Device), form.NewEntryToken(), isWrong: HttpMethods.IsPost(request.Method));

        var kind = CrossOrigin.IsLinkFromOtherSite(request) ? FailureKind.LinkedUserCode : FailureKind.UserCode;
        using var attempt = await failures.TryEnterAsync(kind, address, cancellation);
        if (attempt is null)
            return DevicePages.TooManyCodes(failures.WaitOf(kind, address));
        var device = form.Code is { } code ? await find.RunAsync(code, cancellation) : null;
        if (device is null)
        {
            await attempt.FailedAsync();
            return WrongCode(form);
        }
        var browser = guard.BrowserOf(device.Session);
        var decision = DecideDevice.DecisionOf(device.Session, browser);
        // Only a form decides.
        var action = HttpMethods.IsPost(request.Method) ? parameters["action"] : null;
        var hasAccepted = decision == DeviceDecision.Open && browser is not null && device.Session.DecidedBy == browser;
        if (hasAccepted && action is null && device.OnlyChoice is null)
            return await ChooseAsync(request, device, form, browser!, form.IsChoice ? parameters["provider"] : null);
        return decision == DeviceDecision.Open
            ? await DecideAsync(request, device, form, browser, action, attempt)
            : Show(decision, device, form);
    }

    private async Task<IResult> DecideAsync(
        HttpRequest request, FindDevice.Device device, DeviceForm form, string? browser, string? action, FailureLimiter.Attempt attempt)
    {
        var provider = device.OnlyChoice is { } only ? await AuthorizeUrlAsync(request, device, only) : null;
        if (device.OnlyChoice is { } unknown && provider is null)
            return BrokerPages.ProviderTrouble(unknown.Registration, startAgain: null, device.App);
        if (action is null)
        {
            var hasJustTyped = form.IsTyped && HttpMethods.IsPost(request.Method);
            return hasJustTyped ? EmptyReply.SeeOther(options.Path(Paths.Device) + form.TypedPageQuery()) : Ask(hasPickedWrong: false);
        }
        if (!form.IsGenuine)
            return BrokerPages.CookiesOff();

        switch (action)
        {
            case "accept" when !form.ShowsCode:
                await attempt.FailedAsync();
                return Ask(hasPickedWrong: true);
            case "accept":
                var decision = await decide.AcceptAsync(device, browser!);
                if (decision != DeviceDecision.Accepted)
                    return Show(decision, device, form);
                return provider is null ? EmptyReply.SeeOther(ChoicePageOf(form)) : GoToProvider(request, device, provider);
            case "decline":
                return Show(await decide.DeclineAsync(device, browser!), device, form);
            default:
                return BrokerPages.BadLink("It carries an unknown action.", device.App);
        }

        Page Ask(bool hasPickedWrong) => DevicePages.ConfirmDevice(
            device.App, device.OnlyChoice, time.GetUtcNow() - device.Id.BeganAt, form.Question(hasPickedWrong), options.Path(Paths.Device),
            provider);
    }

    /// <summary>The player who has accepted chooses where to sign in; they may come back and choose again.</summary>
    private async Task<IResult> ChooseAsync(
        HttpRequest request, FindDevice.Device device, DeviceForm form, string browser, string? chosen)
    {
        if (chosen is null)
        {
            var page = ChoicePageOf(form);
            var links = device.Choices.Select(each => (each.Registration, $"{page}&provider={each.Registration.Name}")).ToList();
            return BrokerPages.ChooseProvider(device.App, links, LastChoice.Of(request, device.App));
        }
        if (device.Choices.FirstOrDefault(each => each.Registration.Name == chosen) is not { } choice)
            return BrokerPages.BadLink(device.App.ProviderProblem, device.App);
        if (await AuthorizeUrlAsync(request, device, choice) is not { } provider)
            return BrokerPages.ProviderTrouble(choice.Registration, ChoicePageOf(form), device.App);
        var decision = await decide.ChooseAsync(device, choice.Registration, browser);
        if (decision != DeviceDecision.Accepted)
            return Show(decision, device, form);
        LastChoice.Remember(request, options, choice.Registration);
        return GoToProvider(request, device, provider);
    }

    private string ChoicePageOf(DeviceForm form) => options.Path(Paths.Device) + form.ChoiceQuery();

    private ValueTask<Uri?> AuthorizeUrlAsync(HttpRequest request, FindDevice.Device device, Choice choice)
    {
        var asked = AtProvider.RequestOf(device.Id, choice.Registration, choice.Scopes, reauthenticate: true);
        return authorizeUrl.BuildAsync(asked, request.HttpContext.RequestAborted);
    }

    private IResult Show(DeviceDecision decision, FindDevice.Device device, DeviceForm form) => decision switch
    {
        DeviceDecision.Declined => DevicePages.DeviceDeclined(device.App),
        DeviceDecision.AlreadyAtProvider => EmptyReply.SeeOther(options.Path(Paths.Complete)),
        DeviceDecision.TakenByAnotherBrowser => WrongCode(form),
        _ => throw new UnreachableException(),
    };

    private EmptyReply GoToProvider(HttpRequest request, FindDevice.Device device, Uri provider)
    {
        StartAgain.Forget(request, options);
        SessionCookie.Write(request.HttpContext.Response, device.Id, time.GetUtcNow(), options);
        return EmptyReply.SeeOther(provider.AbsoluteUri);
    }

    private Page WrongCode(DeviceForm form) => DevicePages.EnterUserCode(options.Path(Paths.Device), form.NewEntryToken(), isWrong: true);
}
