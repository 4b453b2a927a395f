namespace TokenBroker.Endpoints;

/// <summary>
/// <c>GET /create-session?scopes=a,b[&amp;app][&amp;client_id][&amp;provider][&amp;code_challenge&amp;code_challenge_method=S256]…</c>:
/// where the game sends the player's browser first. Creates the session, sets its cookie and goes on to the provider. With
/// <c>user_code</c> instead, it goes on to that device's session.
/// </summary>
[RepliesTo(Audience.Browser, KeepsOpener = true)]
public sealed class CreateSession(
    AppCatalog apps, BrokerOptions options, SessionLimiter limiter, BrowserSignIn signIn, StartAgain startAgain)
{
    private static readonly string[] Names = [.. SignInParameters.Names, "app", "client_id", "scopes", "user_code"];

    /// <summary>Answers by redirect, or with a page that says what is wrong with the link.</summary>
    /// <param name="request">The browser's request.</param>
    /// <returns>
    /// 302 to the provider; 200 with the page on which the player chooses one; 400 for a bad link; 429 for too many sessions from one
    /// address; 502 while the provider cannot be discovered; 503 while storage or the vault is down.
    /// </returns>
    [Function(nameof(CreateSession))]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Paths.CreateSession)] HttpRequest request)
    {
        var parameters = await Parameters.ReadAsync(request, Names);
        if (parameters.Error is { } error)
            return BrokerPages.BadLink(error.Description);
        if (parameters["user_code"] is { } userCode)
            return GoToDevice(request, userCode);
        if (apps.Find(parameters["app"], parameters["client_id"]) is not { } app)
            return BrokerPages.BadLink("It names no game that is known here.");
        if (!app.Flows.Contains(Flow.AccessCode))
            return BrokerPages.BadLink(OAuthError.UnauthorizedClient.Description, app);
        var choices = SignInParameters.Read(parameters, app, parameters["scopes"], app.RequirePkce, out var problem);
        if (problem is not null)
            return BrokerPages.BadLink(problem.Description, app);
        if (await signIn.ProblemAsync(choices, request.HttpContext.RequestAborted) is { } missing)
            return BrokerPages.BadLink(missing.Description, app);
        if (choices.Count > 1)
            return signIn.Choose(request, choices);
        if (!limiter.TryBegin(ClientAddress.Of(request), out var wait))
            return BrokerPages.TooManySignIns(wait, app);

        var provider = await signIn.BeginAsync(request, choices[0]);
        return provider is null
            ? BrokerPages.ProviderTrouble(choices[0].Registration, startAgain.Link(request, choices[0]), app)
            : EmptyReply.Found(provider);
    }

    /// <summary>The same under the spelling with an underscore.</summary>
    /// <param name="request">The browser's request.</param>
    /// <returns>As <see cref="Run"/>.</returns>
    [Function(nameof(CreateSession) + "Underscore")]
    public Task<IResult> RunUnderscore(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "create_session")] HttpRequest request) =>
        Run(request);

    /// <summary>
    /// A game that has begun a device's sign-in can open a browser after all. The player is asked all the same (RFC 8628 §3.3.1): the
    /// link may come from somebody else's game.
    /// </summary>
    private IResult GoToDevice(HttpRequest request, string userCode)
    {
        Language.Remember(request, options);
        if (UserCode.TryParse(userCode) is not { } code)
            return BrokerPages.BadLink("Its user code cannot be read.");
        return EmptyReply.Found(new(Paths.DeviceLink(options, code)));
    }
}
