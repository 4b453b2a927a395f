namespace TokenBroker.Endpoints;

/// <summary><c>GET /complete</c>: the redirect URI (RFC 6749 §4.1.2), and without a query the page that shows the access code.</summary>
[RepliesTo(Audience.Browser, KeepsOpener = true)]
public sealed class Complete(
    AppCatalog apps, BrokerOptions options, CompleteSignIn complete, ShowSignIn show, FailureLimiter failures,
    StartAgain startAgain, TimeProvider time)
{
    /// <summary>Answers the browser that comes back from the provider.</summary>
    /// <param name="request">The browser's request.</param>
    /// <returns>303 to itself without a query; the access code's page; or a page that says what went wrong.</returns>
    [Function(nameof(Complete))]
    public async Task<IResult> Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Paths.Complete)] HttpRequest request)
    {
        string[] names = ["code", "error", "iss", .. apps.StateNames];
        var parameters = await Parameters.ReadAsync(request, names);
        // The provider has sent the browser here (RFC 6749 §4.1.2); otherwise it is a reload or a link.
        var isResponse = names.Any(request.Query.ContainsKey);
        if (SessionCookie.Read(request, options) is not { } id)
            return await WithoutCookieAsync(request, parameters, isResponse);
        if (id.IsExpired(time.GetUtcNow()))
            return BrokerPages.Expired(null, await startAgain.RememberedLinkAsync(request));
        if (parameters.Error is { } error)
            return BrokerPages.BadLink(error.Description);

        var cancellation = request.HttpContext.RequestAborted;
        var signIn = isResponse
            ? await complete.RunAsync(id, ReadResponse(parameters), ClientAddress.Of(request), cancellation)
            : await show.RunAsync(id, cancellation);
        return signIn is null ? BrokerPages.CookiesOff() : Show(request, id, signIn);
    }

    private AuthorizationResponse ReadResponse(Parameters parameters) => new(
        parameters["code"], parameters["error"], parameters["iss"], apps.StateNames.ToDictionary(name => name, name => parameters[name]));

    private IResult Show(HttpRequest request, SessionId id, SignInView signIn)
    {
        var app = signIn.Request.App;
        var again = startAgain.Link(request, signIn);
        return signIn.Outcome switch
        {
            SignInOutcome.Completed or SignInOutcome.AnotherRequestHasIt => EmptyReply.SeeOther(options.Path(Paths.Complete)),
            SignInOutcome.AccessCodeWaits or SignInOutcome.AccessCodeRedeemed => BrokerPages.AccessCode(
                app, AccessCode.Of(id), id.BeganAt + Session.Lifetime - time.GetUtcNow(), again),
            SignInOutcome.DeviceSignedIn => BrokerPages.DeviceSignedIn(app),
            SignInOutcome.NotFinished => BrokerPages.NotFinished(app, again),
            SignInOutcome.Finishing => BrokerPages.Finishing(app),
            SignInOutcome.Declined => BrokerPages.Declined(app, again),
            SignInOutcome.ProviderTrouble => BrokerPages.ProviderTrouble(app, again),
            SignInOutcome.ProviderTimeout => BrokerPages.ProviderTrouble(app, again, StatusCodes.Status504GatewayTimeout),
            SignInOutcome.TooManyFailures =>
                BrokerPages.TooManySignIns(failures.WaitOf(FailureKind.ProviderCode, ClientAddress.Of(request))),
            SignInOutcome.Expired => BrokerPages.Expired(app, again),
            SignInOutcome.Over => BrokerPages.Over(app, again),
            SignInOutcome.WrongState => BrokerPages.WrongState(app, again),
            SignInOutcome.NoCode => BrokerPages.BadLink("It carries neither a code nor an error."),
            _ => throw new UnreachableException(),
        };
    }

    /// <summary>
    /// After five minutes the browser has dropped the cookie. The state still tells when the session began; without one, StartAgain's
    /// cookie tells that this browser began a sign-in within the hour.
    /// </summary>
    private async Task<Page> WithoutCookieAsync(HttpRequest request, Parameters parameters, bool isResponse)
    {
        var again = await startAgain.RememberedLinkAsync(request);
        var now = time.GetUtcNow();
        var isLate = isResponse
            ? apps.StateNames.Any(name => SessionId.IsExpiredState(parameters[name], now))
            : again is not null;
        return isLate ? BrokerPages.Expired(null, again) : BrokerPages.CookiesOff();
    }
}
