namespace TokenBroker.Apps;

/// <summary>A game's registration at one provider.</summary>
public sealed record Registration
{
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

    /// <summary>The path of the redirect URI that is registered at the provider, below the public URL.</summary>
    public required string RedirectPath { get; init; }

    /// <summary>Its name among those of the game: that of the provider's entry.</summary>
    public string Name => Provider.Name;

    /// <summary>Its name among all: the app's, or the app's and its own. The names of its secrets in the vault begin with it.</summary>
    public required string Id { get; init; }

    /// <summary>
    /// Whether all of these scopes may be asked for. Beside others a provider without scopes grants none: what is asked for is meant for
    /// another.
    /// </summary>
    internal bool Grants(IReadOnlyList<string> asked)
    {
        if (asked.Count == 0)
            return IsOneOfSeveral || Provider.ScopeUse != ScopeUse.Required;
        if (Provider.ScopeUse == ScopeUse.None)
            return !IsOneOfSeveral;
        return asked.All(scope => Spell(scope) is not null);
    }

    /// <summary>
    /// What is asked for here, in the provider's spelling and without repetition; of a game with several registrations, whose scopes
    /// differ, all of this one where it names none. Case is ignored, as LifeScope and Webroot document; no provider has two scopes that
    /// differ in case alone.
    /// </summary>
    internal IReadOnlyList<string> ScopesFor(IReadOnlyList<string> asked)
    {
        if (Provider.ScopeUse == ScopeUse.None)
            return [];
        if (asked.Count == 0)
            return IsOneOfSeveral ? Scopes : [];
        return [.. asked.Select(scope => Spell(scope) ?? scope).Distinct()];
    }

    private string? Spell(string scope) => Scopes.FirstOrDefault(allowed => allowed.Equals(scope, StringComparison.OrdinalIgnoreCase));
}

/// <summary>A provider's URLs; null where it has none, or where it has not been discovered yet.</summary>
/// <param name="Authorization">Where browsers are sent (RFC 6749 §3.1).</param>
/// <param name="Token">Where codes and refresh tokens are exchanged (RFC 6749 §3.2).</param>
/// <param name="Revocation">Where tokens are revoked (RFC 7009).</param>
/// <param name="UserInfo">Where the player's profile is read.</param>
public sealed record ProviderEndpoints(Uri? Authorization, Uri? Token, Uri? Revocation, Uri? UserInfo);
