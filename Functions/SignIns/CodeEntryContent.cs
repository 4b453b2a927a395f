namespace TokenBroker.SignIns;

/// <summary>What is sealed in the code entry of a completed sign-in.</summary>
/// <param name="Session">The row key of the session that was completed.</param>
/// <param name="App">The app that the tokens are for.</param>
/// <param name="CodeChallenge">The PKCE challenge that redemption must answer, if any.</param>
/// <param name="Scopes">What was asked for.</param>
/// <param name="Tokens">The tokens.</param>
/// <param name="DpopKey">The thumbprint of the DPoP key that redemption must prove, if one was announced.</param>
/// <param name="Provider">The name of the registration that gave the tokens; null in entries of earlier versions.</param>
/// <param name="RedirectUri">Where the player was sent back to, which redemption must repeat; null for other endings.</param>
internal sealed record CodeEntryContent(
    string Session, string App, string? CodeChallenge, IReadOnlyList<string> Scopes, TokenReply Tokens, string? DpopKey = null,
    string? Provider = null, string? RedirectUri = null)
{
    /// <summary>
    /// What was granted: all that was asked for where the provider did not say (RFC 6749 §5.1), else what it said and those of the
    /// asked-for scopes that it never repeats.
    /// </summary>
    public IReadOnlyList<string> GrantedScopes(Registration registration) => Tokens.Scope is { } scope
        ?
        [
            // Google says profile and email otherwise than it was asked for them.
            .. (WantsIdToken ? Scopes.Intersect(Registration.AllOwnScopes) : [])
                .Union(Apps.Scopes.Split(scope)).Union(Scopes.Intersect(registration.Provider.UnechoedScopes)),
        ]
        : Scopes;

    /// <summary>Who the player is; null where the game did not ask.</summary>
    public SignedInPlayer? Player { get; init; }

    /// <summary>Whether the game gets an ID token.</summary>
    [JsonIgnore]
    public bool WantsIdToken => Player is not null && Scopes.Contains(Registration.OpenId);

    /// <summary>What the ID token is to repeat, if anything.</summary>
    public string? Nonce { get; init; }

    /// <summary>
    /// The code under which a session's entry is stored, and the secret under which it is sealed: an access code is both, and so is an
    /// authorization code; a device's tokens lie in an access code's place.
    /// </summary>
    public static (string Code, string Secret) CodesOf(Session session, SignInRequest request, SessionId id)
    {
        if (request.RedirectUri is not null)
            return (AuthorizationCode.Of(id), AuthorizationCode.Of(id));
        var accessCode = AccessCode.Of(id).Text;
        return (accessCode, session.IsForDevice ? DeviceCode.TokenSecretOf(id) : accessCode);
    }

    /// <summary>Seals the content; the parameters are those of <see cref="CodeEntries.Seal"/>.</summary>
    public CodeEntry Seal(string code, string secret, ProtectionKey key, DateTimeOffset expiresAt) =>
        CodeEntries.Seal(code, secret, JsonSerializer.SerializeToUtf8Bytes(this, CodeEntryJson.Default.CodeEntryContent), key, expiresAt);

    /// <summary>Opens an entry; null when it was sealed under another secret.</summary>
    public static CodeEntryContent? Open(CodeEntries.FoundEntry found, string secret) =>
        found.Open(secret) is { } json ? JsonSerializer.Deserialize(json, CodeEntryJson.Default.CodeEntryContent) : null;

    /// <summary>Shows nothing of the tokens.</summary>
    public override string ToString() => nameof(CodeEntryContent);
}

[JsonSerializable(typeof(CodeEntryContent))]
internal sealed partial class CodeEntryJson : JsonSerializerContext;
