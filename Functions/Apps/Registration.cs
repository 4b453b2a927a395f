namespace TokenBroker.Apps;

/// <summary>A game's registration at one provider.</summary>
public sealed record Registration
{
    /// <summary>The scope that asks for an ID token (OpenID Connect Core 1.0 §3.1.2.1).</summary>
    public const string OpenId = "openid";

    /// <summary>The scopes that decide what an ID token says (OpenID Connect Core 1.0 §5.4).</summary>
    internal static readonly string[] AllOwnScopes = [OpenId, "profile", "email"];

    /// <summary>The name of the app that it belongs to.</summary>
    public required string AppName { get; init; }

    /// <summary>The provider's dialect.</summary>
    public required Provider Provider { get; init; }

    /// <summary>The configuration section that its keys stand in.</summary>
    public required string SectionPath { get; init; }

    /// <summary>The game's id at the provider (RFC 6749 §2.2).</summary>
    public required string ClientId { get; init; }

    /// <summary>The scopes that may be asked for, in the provider's spelling.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>
    /// The provider's URLs for this game; where the provider describes itself, those that configuration sets in place of the discovered
    /// ones.
    /// </summary>
    public required ProviderEndpoints Endpoints { get; init; }

    /// <summary>The issuer identifier, where the provider has one.</summary>
    public string? Issuer { get; init; }

    /// <summary>Whether the provider says that its callbacks carry <c>iss</c> (RFC 9207 §3); then one without is refused.</summary>
    public bool SendsIssuer { get; init; }

    /// <summary>Whether the provider may be at a private address.</summary>
    public bool AllowPrivateNetwork { get; init; }

    /// <summary>Whether the game has others, so that the player chooses.</summary>
    public bool IsOneOfSeveral { get; init; }

    /// <summary>The picture on the button that leads here, as a data URI; null for none.</summary>
    public string? Mark { get; init; }

    /// <summary>The path of the redirect URI that is registered at the provider, below the public URL.</summary>
    public required string RedirectPath { get; init; }

    /// <summary>Its name among those of the game: that of the provider's entry.</summary>
    public string Name => Provider.Name;

    /// <summary>Its name among all: the app's, or the app's and its own. The names of its secrets in the vault begin with it.</summary>
    public required string Id { get; init; }

    /// <summary>The id of the key with which the client signs (RFC 7523); null where it has a secret.</summary>
    public string? ClientKeyId { get; init; }

    /// <summary>Who issues what the client signs, where that is not the client id: at Apple the team.</summary>
    public string? ClientKeyIssuer { get; init; }

    /// <summary>Whether there is a secret or a key: with OpenID 2.0 there is none.</summary>
    public bool HasCredential => Provider.Protocol == Protocol.OAuth2;

    /// <summary>Whether the client signs in place of sending a secret.</summary>
    public bool Signs => ClientKeyId is not null;

    /// <summary>What subjects are unique at: the provider, or where its address is the app's own, its host too.</summary>
    public string SubjectPrefix
    {
        get
        {
            var isOwnAddress = (Provider.TokenEndpoint ?? Provider.Issuer)?.Contains("{domain}", StringComparison.Ordinal) ?? true;
            if (!isOwnAddress)
                return $"{Name}|";
            return $"{Name}|{(Issuer is null ? Endpoints.Token!.Host : new Uri(Issuer).Host)}|";
        }
    }

    /// <summary>
    /// Whether all of these scopes may be asked for. Beside others a provider without scopes grants none: what is asked for is meant for
    /// another.
    /// </summary>
    internal bool Grants(IReadOnlyList<string> asked)
    {
        var (own, others) = Divide(asked);
        if (own.Count > 0 && !NamesPlayers)
            return false;
        var needed = others.Concat(NeededFor(own)).ToList();
        if (needed.Count == 0)
            return IsOneOfSeveral || Provider.ScopeUse != ScopeUse.Required;
        if (Provider.ScopeUse == ScopeUse.None)
            return !IsOneOfSeveral;
        return needed.All(scope => Spell(scope) is not null);
    }

    /// <summary>
    /// What is asked for here, as the game sees it: in the provider's spelling and without repetition; of a game with several
    /// registrations, whose scopes differ, all of this one where it names none. Case is ignored, as LifeScope and Webroot document; no
    /// provider has two scopes that differ in case alone.
    /// </summary>
    internal IReadOnlyList<string> ScopesFor(IReadOnlyList<string> asked)
    {
        var (own, others) = Divide(asked);
        if (Provider.ScopeUse == ScopeUse.None)
            return own;
        if (others.Count == 0 && IsOneOfSeveral)
            return [.. own.Union(Scopes)];
        return [.. own.Concat(others.Select(scope => Spell(scope) ?? scope)).Distinct()];
    }

    /// <summary>What the provider is asked for: without the broker's own scopes, and with what they need.</summary>
    internal IReadOnlyList<string> ProviderScopes(IReadOnlyList<string> scopes)
    {
        var (own, others) = Divide(scopes);
        return Provider.ScopeUse == ScopeUse.None ? [] : [.. others.Union(NeededFor(own).Select(scope => Spell(scope) ?? scope))];
    }

    private bool NamesPlayers => Provider.Identity is { } identity &&
        (identity.Source != IdentitySource.UserInfo || Endpoints.UserInfo is not null);

    /// <summary>
    /// An OpenID provider gets the scopes as they are. At any other, once <c>openid</c> is asked for, OpenID's scopes are the broker's own.
    /// </summary>
    private (IReadOnlyList<string> Own, IReadOnlyList<string> Others) Divide(IReadOnlyList<string> asked)
    {
        if (!asked.Contains(OpenId, StringComparer.OrdinalIgnoreCase))
            return ([], asked);
        // An OpenID provider may call one of them otherwise, as Apple does.
        var own = AllOwnScopes.Where(scope => Provider.Issuer is null || Provider.Identity?.Scopes.ContainsKey(scope) == true).ToList();
        return (
            [.. own.Where(scope => asked.Contains(scope, StringComparer.OrdinalIgnoreCase))],
            [.. asked.Where(scope => !own.Contains(scope, StringComparer.OrdinalIgnoreCase))]);
    }

    private IEnumerable<string> NeededFor(IReadOnlyList<string> own) =>
        own.SelectMany(scope => Provider.Identity!.Scopes.GetValueOrDefault(scope, []));

    private string? Spell(string scope) => Scopes.FirstOrDefault(allowed => allowed.Equals(scope, StringComparison.OrdinalIgnoreCase));
}

/// <summary>A provider's URLs; null where it has none, or where it has not been discovered yet.</summary>
/// <param name="Authorization">Where browsers are sent (RFC 6749 §3.1).</param>
/// <param name="Token">Where codes and refresh tokens are exchanged (RFC 6749 §3.2).</param>
/// <param name="Revocation">Where tokens are revoked (RFC 7009).</param>
/// <param name="UserInfo">Where the player's profile is read.</param>
/// <param name="Jwks">Where the keys of its ID tokens are (RFC 7517).</param>
public sealed record ProviderEndpoints(Uri? Authorization, Uri? Token, Uri? Revocation, Uri? UserInfo, Uri? Jwks = null);
