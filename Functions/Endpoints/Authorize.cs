using System.Text.Encodings.Web;

namespace TokenBroker.Endpoints;

/// <summary>
/// <c>GET /authorize</c>: where any OAuth client sends the player's browser (RFC 6749 §4.1.1, RFC 7636, RFC 8252). The sign-in is that of
/// create-session, and ends at the game's redirect URI.
/// </summary>
[RepliesTo(Audience.Browser, KeepsOpener = true)]
public sealed class Authorize(AppCatalog apps, BrokerOptions options, SessionLimiter limiter, BrowserSignIn signIn)
{
    private static readonly string[] Names =
        [.. SignInParameters.Names, "scope", "state", "response_type", "response_mode", "request", "request_uri", Language.Parameter];

    /// <summary>Answers by redirect, or with a page.</summary>
    /// <param name="request">The browser's request.</param>
    /// <returns>
    /// 302 to the provider; 200 with the page on which the player chooses one; 303 to the redirect URI with an error of RFC 6749
    /// §4.1.2.1; 400 with a page while no redirect URI is known to be the game's.
    /// </returns>
    [Function(nameof(Authorize))]
    public async Task<IResult> Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Paths.Authorize)] HttpRequest request)
    {
        var target = await Parameters.ReadAsync(request, "client_id", "redirect_uri");
        if (target.Error is { } error)
            return BrokerPages.BadLink(error.Description);
        if (target["client_id"] is not { } clientId || apps.Find(null, clientId) is not { } app)
            return BrokerPages.BadLink("The parameter 'client_id' names no game that is known here.");
        if (target["redirect_uri"] is not { } redirectUri)
            return BrokerPages.BadLink("The parameter 'redirect_uri' is missing.", app);
        if (!app.RedirectUris.Allow(redirectUri))
            return BrokerPages.BadLink($"The parameter 'redirect_uri' {app.RedirectUris.ProblemWith(redirectUri)}", app);

        // From here on the game is told what is wrong, also of faults.
        var parameters = await Parameters.ReadAsync(request, Names);
        var state = parameters["state"];
        IResult Refuse(OAuthError reason) => BackToGame.WithError(options, app, redirectUri, state, reason);
        request.HttpContext.Features.Set(new FaultReply(Refuse));
        if ((parameters.Error ?? FindProblem(parameters, app)) is { } problem)
            return Refuse(problem);
        var scope = parameters["scope"];
        var choices = SignInParameters.Read(parameters, app, scope, requiresPkce: true, out var wrong);
        if (wrong is not null)
            return Refuse(wrong);

        if (await signIn.ProblemAsync(choices, request.HttpContext.RequestAborted) is { } missing)
            return Refuse(missing);
        choices = [.. choices.Select(choice => choice with { RedirectUri = redirectUri, State = state })];
        if (choices.Count > 1)
            return signIn.Choose(request, choices);
        if (!limiter.TryBegin(ClientAddress.Of(request), out _))
            return Refuse(OAuthError.TooManySessions with { Error = "temporarily_unavailable" });
        var provider = await signIn.BeginAsync(request, choices[0]);
        return provider is null ? Refuse(OAuthError.ProviderTrouble) : EmptyReply.Found(provider);
    }

    /// <summary>What is wrong with the parameters that no other endpoint has; null when nothing is.</summary>
    private static OAuthError? FindProblem(Parameters parameters, App app)
    {
        if (parameters["request"] is not null)
            return OAuthError.RequestNotSupported;
        if (parameters["request_uri"] is not null)
            return OAuthError.RequestUriNotSupported;
        if (parameters["response_type"] is not { } responseType)
            return OAuthError.Missing("response_type");
        if (responseType != "code")
            return OAuthError.UnsupportedResponseType;
        if (parameters["response_mode"] is not (null or "query"))
            return OAuthError.InvalidRequest("The parameter 'response_mode' must be 'query'.");
        if (parameters["state"] is { } state && UrlEncoder.Default.Encode(state).Length > SignInParameters.MaxStateLength)
            return OAuthError.InvalidRequest(
                $"The parameter 'state' must have at most {SignInParameters.MaxStateLength} characters in the address.");
        return app.Flows.Contains(Flow.Redirect) ? null : OAuthError.UnauthorizedClient;
    }
}
