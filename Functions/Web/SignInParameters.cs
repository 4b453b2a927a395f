namespace TokenBroker.Web;

/// <summary>What create-session and <c>/authorize</c> read alike.</summary>
internal static class SignInParameters
{
    /// <summary>How long <c>state</c> may be, as it stands in an address: it has to fit into links of ours.</summary>
    public const int MaxStateLength = 2048;

    /// <summary>How long <c>nonce</c> and <c>login_hint</c> may be, in characters.</summary>
    public const int MaxLength = 512;

    /// <summary>The prompt that asks for another account (OpenID Connect Core 1.0 §3.1.2.1).</summary>
    public const string SelectAccount = "select_account";

    private static readonly string[] Prompts = ["login", "consent", SelectAccount];

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } =
        ["provider", "code_challenge", "code_challenge_method", "nonce", "prompt", "max_age", "login_hint", "dpop_jkt"];

    /// <summary>Reads what a game asks for.</summary>
    /// <param name="parameters">The request's parameters.</param>
    /// <param name="app">The game.</param>
    /// <param name="scopes">The scopes that it asks for.</param>
    /// <param name="requiresPkce">Whether there must be a challenge.</param>
    /// <param name="error">What is wrong; null when nothing is.</param>
    /// <returns>A request for each provider that the player may choose, at least one unless something is wrong.</returns>
    public static IReadOnlyList<SignInRequest> Read(
        Parameters parameters, App app, string? scopes, bool requiresPkce, out OAuthError? error)
    {
        var (challenge, dpopKey, prompt) = (parameters["code_challenge"], parameters["dpop_jkt"], parameters["prompt"]);
        var choices = app.ChoicesFor(scopes, parameters["provider"]);
        error = ProblemWithName(app, parameters["client_id"] ?? parameters["app"], scopes)
            ?? ProblemWithPkce(challenge, parameters["code_challenge_method"], requiresPkce)
            ?? ProblemWithDpop(app, dpopKey)
            ?? ProblemWithPrompt(prompt)
            ?? TooLong("nonce") ?? TooLong("login_hint")
            ?? (choices.All.Count == 0 ? OAuthError.Of(choices) : null);
        return [.. choices.All.Select(choice => new SignInRequest(app, choice.Registration, choice.Scopes)
        {
            CodeChallenge = challenge,
            DpopKey = dpopKey,
            Nonce = parameters["nonce"],
            // The provider's session may be older than any number of seconds: who cares is asked again.
            Prompt = prompt ?? (parameters["max_age"] is null ? null : "login"),
            LoginHint = parameters["login_hint"],
        })];

        OAuthError? TooLong(string name) => parameters[name]?.Length > MaxLength
            ? OAuthError.InvalidRequest($"The parameter '{name}' must have at most {MaxLength} characters.")
            : null;
    }

    /// <summary>An ID token is for the game by its name (<c>aud</c>), so a game that wants one has to know it.</summary>
    public static OAuthError? ProblemWithName(App app, string? named, string? scopes) =>
        named is not null && named != app.Name && Scopes.Split(scopes).Contains(Registration.OpenId, StringComparer.OrdinalIgnoreCase)
            ? OAuthError.InvalidRequest("With the scope openid, 'client_id' must be the game's own name.")
            : null;

    /// <summary>Without a method RFC 7636 §4.3 means 'plain', which protects nothing.</summary>
    private static OAuthError? ProblemWithPkce(string? challenge, string? method, bool isRequired)
    {
        if (challenge is null && method is null)
            return isRequired ? OAuthError.InvalidRequest("The game must send a 'code_challenge' with code_challenge_method=S256.") : null;
        var isGood = challenge is not null && method == Pkce.Method && Pkce.IsChallenge(challenge);
        return isGood
            ? null
            : OAuthError.InvalidRequest("The parameter 'code_challenge' must be an S256 challenge, with code_challenge_method=S256.");
    }

    /// <summary>RFC 9449 §10.</summary>
    private static OAuthError? ProblemWithDpop(App app, string? thumbprint)
    {
        if (thumbprint is null)
            return app.RequireDpop ? OAuthError.InvalidRequest("The game must send the thumbprint of its DPoP key as 'dpop_jkt'.") : null;
        return Pkce.IsChallenge(thumbprint)
            ? null
            : OAuthError.InvalidRequest("The parameter 'dpop_jkt' must be the SHA-256 thumbprint of a key.");
    }

    /// <summary>OpenID Connect Core 1.0 §3.1.2.1.</summary>
    private static OAuthError? ProblemWithPrompt(string? prompt)
    {
        if (prompt == "none")
            return OAuthError.LoginRequired;
        return prompt?.Split(' ').All(Prompts.Contains) == false
            ? OAuthError.InvalidRequest($"The parameter 'prompt' must name some of {string.Join(", ", Prompts)}, or be none.")
            : null;
    }
}
