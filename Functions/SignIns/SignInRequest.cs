namespace TokenBroker.SignIns;

/// <summary>What a game asks for when it begins a sign-in in the player's browser.</summary>
/// <param name="App">The app.</param>
/// <param name="Registration">Where the player signs in.</param>
/// <param name="Scopes">The scopes as the game sees them, in the provider's spelling.</param>
internal sealed record SignInRequest(App App, Registration Registration, IReadOnlyList<string> Scopes)
{
    /// <summary>The PKCE challenge (RFC 7636, S256), if any.</summary>
    public string? CodeChallenge { get; init; }

    /// <summary>The thumbprint of the game's DPoP key (RFC 9449 §10), if it has announced one.</summary>
    public string? DpopKey { get; init; }

    /// <summary>What the ID token is to repeat (OpenID Connect Core 1.0 §3.1.2.1), if anything.</summary>
    public string? Nonce { get; init; }

    /// <summary>Where the player is sent back to; null when they type an access code into the game.</summary>
    public string? RedirectUri { get; init; }

    /// <summary>What the game wants back with the player (RFC 6749 §4.1.1); null when nothing.</summary>
    public string? State { get; init; }

    /// <summary>How the provider is to treat a player whom it remembers (OpenID Connect Core 1.0 §3.1.2.1).</summary>
    public string? Prompt { get; init; }

    /// <summary>Who the player may be. Not kept.</summary>
    public string? LoginHint { get; init; }

    /// <summary>
    /// Whether the provider is to ask a player whom it remembers: the game wants it so, or any program of the player's machine could have
    /// begun this in the game's name (RFC 8252 §8.6).
    /// </summary>
    public bool Reauthenticate => Prompt is not null || (RedirectUri is { } uri && RedirectUris.IsAppOfThisMachine(uri));

    /// <summary>Whether the game wants to know who the player is.</summary>
    public bool WantsIdentity => Registration.Provider.Identity is not null && Scopes.Contains(Registration.OpenId);

    /// <summary>What a session was begun with.</summary>
    public static SignInRequest Of(Session session, SessionId id, App app, Registration registration)
    {
        var parameters = SealedParameters.Open(session, id);
        return new(app, registration, registration.ScopesFor(session.Scopes))
        {
            CodeChallenge = session.CodeChallenge,
            DpopKey = session.DpopKey,
            Nonce = parameters.Nonce,
            RedirectUri = parameters.RedirectUri,
            State = parameters.State,
            Prompt = parameters.Prompt,
        };
    }

    /// <summary>The session that this begins.</summary>
    public Session Begin(SessionId id) => Session.Begin(id, App.Name, Scopes) with
    {
        Provider = Registration.Name,
        CodeChallenge = CodeChallenge,
        DpopKey = DpopKey,
        SealedParameters = new SealedParameters(RedirectUri, State, Nonce, Prompt).Seal(id),
    };

    /// <summary>Shows nothing of its secrets.</summary>
    public override string ToString() => nameof(SignInRequest);
}
