namespace TokenBroker.Web;

/// <summary>Begins a sign-in in the player's browser, which keeps what it needs in cookies.</summary>
public sealed class BrowserSignIn(BeginSignIn begin, IdTokens idTokens, StartAgain startAgain, BrokerOptions options, TimeProvider time)
{
    /// <summary>What keeps these sign-ins from being finished; null when nothing does.</summary>
    internal async Task<OAuthError?> ProblemAsync(IReadOnlyList<SignInRequest> choices, CancellationToken cancellation) =>
        choices.Any(choice => choice.WantsIdentity) && !await idTokens.CanMakeAsync(cancellation) ? OAuthError.NoSigningKey : null;

    /// <summary>Begins it: 1 write.</summary>
    /// <returns>Where the browser goes next; null while the provider cannot be discovered.</returns>
    internal async Task<Uri?> BeginAsync(HttpRequest request, SignInRequest signIn)
    {
        var begun = await begin.RunAsync(signIn, request.HttpContext.RequestAborted);
        if (begun is null)
            return null;
        // Only now: a sign-in that cannot begin must not take the place of one that is under way.
        await startAgain.RememberAsync(request, signIn);
        SessionCookie.Write(request.HttpContext.Response, begun.Id, time.GetUtcNow(), options);
        Language.Remember(request, options);
        LastChoice.Remember(request, options, signIn.Registration);
        return begun.AuthorizeUrl;
    }

    /// <summary>Asks the player where to sign in. Each choice is a link that begins the same sign-in at one provider.</summary>
    internal Page Choose(HttpRequest request, IReadOnlyList<SignInRequest> choices)
    {
        var app = choices[0].App;
        var links = choices.Select(choice => (choice.Registration, startAgain.Link(request, choice))).ToList();
        return BrokerPages.ChooseProvider(app, links, LastChoice.Of(request, app));
    }
}
