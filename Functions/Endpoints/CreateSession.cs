namespace TokenBroker.Endpoints;

/// <summary>
/// <c>GET /create-session?scopes=a,b[&amp;app][&amp;client_id][&amp;code_challenge&amp;code_challenge_method=S256][&amp;dpop_jkt]</c>:
/// where the
/// game sends the player's browser first. Creates the session, sets its cookie and goes on to the provider. With <c>user_code</c>
/// instead, it goes on to that device's session.
/// </summary>
[RepliesTo(Audience.Browser, KeepsOpener = true)]
public sealed class CreateSession(
    AppCatalog apps, BrokerOptions options, SessionLimiter limiter, BeginSignIn begin, StartAgain startAgain, TimeProvider time)
{
    /// <summary>Answers by redirect, or with a page that says what is wrong with the link.</summary>
    /// <param name="request">The browser's request.</param>
    /// <returns>
    /// 302 to the provider; 400 for a bad link; 429 for too many sessions from one address; 502 while the provider cannot be discovered;
    /// 503 while storage or
    /// the vault is down.
    /// </returns>
    [Function(nameof(CreateSession))]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Paths.CreateSession)] HttpRequest request)
    {
        var parameters = await Parameters.ReadAsync(
            request, "app", "client_id", "scopes", "code_challenge", "code_challenge_method", "dpop_jkt", "user_code");
        if (parameters.Error is { } error)
            return BrokerPages.BadLink(error.Description);
        if (parameters["user_code"] is { } userCode)
            return GoToDevice(request, userCode);
        if (apps.Find(parameters["app"], parameters["client_id"]) is not { } app)
            return BrokerPages.BadLink("It names no game that is known here.");
        if (!app.TryReadScopes(parameters["scopes"], out var scopes, out var problem))
            return BrokerPages.BadLink(problem);
        var challenge = parameters["code_challenge"];
        if (ProblemWithPkce(app, challenge, parameters["code_challenge_method"]) is { } pkceProblem)
            return BrokerPages.BadLink(pkceProblem);
        var dpopKey = parameters["dpop_jkt"];
        if (ProblemWithDpop(app, dpopKey) is { } dpopProblem)
            return BrokerPages.BadLink(dpopProblem);
        if (!limiter.TryBegin(ClientAddress.Of(request), out var wait))
            return BrokerPages.TooManySignIns(wait);

        var signIn = new SignInRequest(app, scopes, challenge, dpopKey);
        await startAgain.RememberAsync(request, signIn);
        var begun = await begin.RunAsync(signIn, request.HttpContext.RequestAborted);
        if (begun is null)
            return BrokerPages.ProviderTrouble(app, startAgain.Link(request, signIn));
        SessionCookie.Write(request.HttpContext.Response, begun.Id, time.GetUtcNow(), options);
        Language.Remember(request, options);
        return EmptyReply.Found(begun.AuthorizeUrl);
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

    /// <summary>
    /// What is wrong with the PKCE parameters; null when nothing is. Without a method RFC 7636 §4.3 means 'plain', which protects
    /// nothing.
    /// </summary>
    private static string? ProblemWithPkce(App app, string? challenge, string? method)
    {
        if (challenge is null && method is null)
            return app.RequirePkce ? "The game must send a 'code_challenge' with code_challenge_method=S256." : null;
        var isGood = challenge is not null && method == Pkce.Method && Pkce.IsChallenge(challenge);
        return isGood ? null : "The parameter 'code_challenge' must be an S256 challenge, with code_challenge_method=S256.";
    }

    /// <summary>What is wrong with the thumbprint of the game's key (RFC 9449 §10); null when nothing is.</summary>
    private static string? ProblemWithDpop(App app, string? thumbprint)
    {
        if (thumbprint is null)
            return app.RequireDpop ? "The game must send the thumbprint of its DPoP key as 'dpop_jkt'." : null;
        return Pkce.IsChallenge(thumbprint) ? null : "The parameter 'dpop_jkt' must be the SHA-256 thumbprint of a key.";
    }
}
