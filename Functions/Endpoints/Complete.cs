namespace TokenBroker.Endpoints;

/// <summary>
/// <c>GET</c> or <c>POST /complete</c>, or <c>/complete/{app}[/{provider}]</c> of a game with OwnRedirectUri: the redirect URI (RFC 6749
/// §4.1.2), and without a query the page that shows the access code, or that leads back to the game.
/// </summary>
[RepliesTo(Audience.Browser, KeepsOpener = true)]
public sealed class Complete(
    AppCatalog apps, BrokerOptions options, CompleteSignIn complete, ShowSignIn show, FailureLimiter failures,
    StartAgain startAgain, ISecrets secrets, TimeProvider time)
{
    /// <summary>Answers the browser that comes back from the provider.</summary>
    /// <param name="request">The browser's request.</param>
    /// <returns>
    /// 303 to itself without a query, or back to the game; the access code's page; or a page that says what went wrong.
    /// </returns>
    [Function(nameof(Complete))]
    public async Task<IResult> Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", "post",
        Route = Paths.Complete + "/{*own}")] HttpRequest request)
    {
        string[] names = ["code", "error", "iss", "openid.mode", .. apps.StateNames];
        var parameters = await Parameters.ReadAsync(request, [.. names, "user"]);
        if (HttpMethods.IsPost(request.Method))
            return await FromFormAsync(request, parameters);
        // The provider has sent the browser here (RFC 6749 §4.1.2); otherwise it is a reload or a link.
        var isResponse = names.Any(request.Query.ContainsKey);
        if (SessionCookie.Read(request, options) is not { } id)
            return await WithoutCookieAsync(request, parameters, isResponse);
        if (id.IsExpired(time.GetUtcNow()))
            return Expired(await startAgain.RememberedAsync(request));
        if (parameters.Error is { } error)
            return BrokerPages.BadLink(error.Description);

        var cancellation = request.HttpContext.RequestAborted;
        var signIn = isResponse
            ? await complete.RunAsync(id, await ReadResponseAsync(request, parameters), ClientAddress.Of(request), cancellation)
            : await show.RunAsync(id, cancellation);
        return signIn is null ? BrokerPages.CookiesOff() : Show(request, id, signIn);
    }

    private async Task<AuthorizationResponse> ReadResponseAsync(HttpRequest request, Parameters parameters)
    {
        var keys = await secrets.ProtectionKeysAsync(request.HttpContext.RequestAborted);
        var openId2 = request.Query.Where(pair => pair.Key.StartsWith("openid.", StringComparison.Ordinal)).ToList();
        return new(
            parameters["code"], parameters["error"], parameters["iss"], request.Path.Value!.Trim('/'),
            apps.StateNames.ToDictionary(name => name, name => parameters[name]))
        {
            Name = PostedName.Open(parameters["user"], parameters["state"], keys),
            OpenId2 = openId2.All(pair => pair.Value.Count == 1)
                ? openId2.ToDictionary(pair => pair.Key, pair => pair.Value.ToString())
                : new Dictionary<string, string>(),
        };
    }

    /// <summary>
    /// A provider that has the browser post its answer (<c>response_mode=form_post</c>): the session's cookie does not come with a form of
    /// another site, so the browser is sent on to the same address by GET. What is in the form is believed then, or not.
    /// </summary>
    private async Task<IResult> FromFormAsync(HttpRequest request, Parameters parameters)
    {
        if (parameters.Error is { } error)
            return BrokerPages.BadLink(error.Description);
        var keys = await secrets.ProtectionKeysAsync(request.HttpContext.RequestAborted);
        var query = QueryString.Empty;
        string[] passedOn = ["code", "error", "iss", .. apps.StateNames];
        foreach (var name in passedOn)
        {
            if (parameters[name] is { } value)
                query = query.Add(name, value);
        }
        if (PostedName.Seal(parameters["user"], parameters["state"], keys.Current(time.GetUtcNow())) is { } user)
            query = query.Add("user", user);
        return EmptyReply.SeeOther(options.Path(request.Path.Value!.Trim('/')) + query);
    }

    private IResult Show(HttpRequest request, SessionId id, SignInView signIn)
    {
        if (signIn.Request.RedirectUri is { } redirectUri && GoBack(signIn, redirectUri, id) is { } reply)
            return reply;
        var (app, registration) = (signIn.Request.App, signIn.Request.Registration);
        var again = startAgain.Link(request, signIn);
        return signIn.Outcome switch
        {
            SignInOutcome.Completed or SignInOutcome.AnotherRequestHasIt => EmptyReply.SeeOther(options.Path(Paths.Complete)),
            SignInOutcome.AccessCodeWaits or SignInOutcome.AccessCodeRedeemed => BrokerPages.AccessCode(
                app, AccessCode.Of(id), id.BeganAt + Session.Lifetime - time.GetUtcNow(), Links(request, signIn)),
            SignInOutcome.GameSignedIn => BrokerPages.GameSignedIn(app),
            SignInOutcome.NotFinished => BrokerPages.NotFinished(app, again),
            SignInOutcome.Finishing => BrokerPages.Finishing(app),
            SignInOutcome.Declined => BrokerPages.Declined(registration, again, app),
            SignInOutcome.ProviderTrouble or SignInOutcome.NotDiscovered => BrokerPages.ProviderTrouble(registration, again, app),
            SignInOutcome.ProviderTimeout =>
                BrokerPages.ProviderTrouble(registration, again, app, StatusCodes.Status504GatewayTimeout),
            SignInOutcome.TooManyFailures =>
                BrokerPages.TooManySignIns(failures.WaitOf(FailureKind.ProviderCode, ClientAddress.Of(request)), app),
            SignInOutcome.Expired => BrokerPages.Expired(app, again),
            SignInOutcome.Over => BrokerPages.Over(app, again),
            SignInOutcome.WrongState => BrokerPages.WrongState(app, again),
            SignInOutcome.NoCode => BrokerPages.BadLink("It carries neither a code nor an error.", app),
            _ => throw new UnreachableException(),
        };
    }

    private static Page Expired(RememberedLink? again) => BrokerPages.Expired(again?.App, again?.Address);

    /// <summary>The links on the access code's page; null where a device waits, whose game alone begins again.</summary>
    private (string NewCode, string OtherAccount)? Links(HttpRequest request, SignInView signIn)
    {
        if (startAgain.Link(request, signIn) is not { } newCode)
            return null;
        var otherAccount = signIn with { Request = signIn.Request with { Prompt = SignInParameters.SelectAccount } };
        return (newCode, startAgain.Link(request, otherAccount)!);
    }

    /// <summary>
    /// The game is told how its sign-in has ended, at its redirect URI; null while it has not. A private-use scheme is left to the page
    /// without a query, where no code of the provider's stands in the address bar.
    /// </summary>
    private IResult? GoBack(SignInView signIn, string redirectUri, SessionId id)
    {
        var (app, state) = (signIn.Request.App, signIn.Request.State);
        var isOver = signIn.Outcome is SignInOutcome.Completed or SignInOutcome.AuthorizationCodeWaits
            or SignInOutcome.Declined or SignInOutcome.ProviderTrouble or SignInOutcome.ProviderTimeout;
        if (!isOver)
            return null;
        if (!app.RedirectUris.Allow(redirectUri))
            return BrokerPages.BadLink("Its redirect URI is no longer one of the game's.", app);
        return signIn.Outcome switch
        {
            SignInOutcome.Completed when RedirectUris.IsPrivateUse(redirectUri) => null,
            SignInOutcome.Completed or SignInOutcome.AuthorizationCodeWaits =>
                BackToGame.WithCode(options, app, redirectUri, state, AuthorizationCode.Of(id)),
            SignInOutcome.Declined => BackToGame.WithError(options, app, redirectUri, state, OAuthError.AccessDenied),
            SignInOutcome.ProviderTimeout => BackToGame.WithError(options, app, redirectUri, state, OAuthError.ProviderTimeout),
            _ => BackToGame.WithError(options, app, redirectUri, state, OAuthError.ProviderTrouble with { Error = "server_error" }),
        };
    }

    /// <summary>
    /// After five minutes the browser has dropped the cookie. The state still tells when the session began; without one, StartAgain's
    /// cookie tells that this browser began a sign-in within the hour.
    /// </summary>
    private async Task<Page> WithoutCookieAsync(HttpRequest request, Parameters parameters, bool isResponse)
    {
        var again = await startAgain.RememberedAsync(request);
        var now = time.GetUtcNow();
        var isLate = isResponse
            ? apps.StateNames.Any(name => SessionId.IsExpiredState(parameters[name], now))
            : again is not null;
        return isLate ? Expired(again) : BrokerPages.CookiesOff();
    }
}
