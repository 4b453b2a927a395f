namespace TokenBroker.Apps;

/// <summary>One game registered at one provider.</summary>
public sealed record App
{
    /// <summary>The app's name: lower-case letters and digits.</summary>
    public required string Name { get; init; }

    /// <summary>The provider's dialect.</summary>
    public required Provider Provider { get; init; }

    /// <summary>The game's id at the provider (RFC 6749 §2.2).</summary>
    public required string ClientId { get; init; }

    /// <summary>What players know the game as.</summary>
    public required string DisplayName { get; init; }

    /// <summary>The scopes that may be asked for, in the provider's spelling.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>
    /// The provider's URLs for this app; where the provider describes itself, those that configuration sets in place of the discovered
    /// ones.
    /// </summary>
    public required ProviderEndpoints Endpoints { get; init; }

    /// <summary>The issuer identifier, where the provider has one.</summary>
    public string? Issuer { get; init; }

    /// <summary>Whether the provider says that its callbacks carry <c>iss</c> (RFC 9207 §3); then one without is refused.</summary>
    public bool SendsIssuer { get; init; }

    /// <summary>How its pages look.</summary>
    public Branding Branding { get; init; } = new();

    /// <summary>
    /// Whether create-session must carry a PKCE challenge, so that only the game that began the sign-in can redeem its access code.
    /// </summary>
    public bool RequirePkce { get; init; }

    /// <summary>Whether its refresh tokens must be bound to a key of the game's (RFC 9449).</summary>
    public bool RequireDpop { get; init; }

    /// <summary>Whether the provider may be at a private address.</summary>
    public bool AllowPrivateNetwork { get; init; }

    /// <summary>
    /// Reads a request's scopes: comma- or space-separated, without repetition, in the provider's spelling. Case is ignored, as
    /// LifeScope and Webroot document; no provider has two scopes that differ in case alone.
    /// </summary>
    /// <param name="text">The request's <c>scopes</c>.</param>
    /// <param name="scopes">What was asked for; empty for a provider without scopes.</param>
    /// <param name="problem">What is wrong, as a sentence; empty when nothing is.</param>
    /// <returns>Whether the app may ask for these scopes.</returns>
    public bool TryReadScopes(string? text, out IReadOnlyList<string> scopes, out string problem)
    {
        scopes = [];
        problem = "";
        if (Provider.ScopeUse == ScopeUse.None)
            return true;

        var found = new List<string>();
        foreach (var asked in Split(text))
        {
            if (Find(asked) is not { } scope)
            {
                problem = $"The parameter 'scopes' has one that the game may not ask for. Allowed: {string.Join(", ", Scopes)}.";
                return false;
            }
            if (!found.Contains(scope))
                found.Add(scope);
        }
        if (found.Count == 0 && Provider.ScopeUse == ScopeUse.Required)
        {
            problem = $"The parameter 'scopes' is missing. Allowed scopes: {string.Join(", ", Scopes)}.";
            return false;
        }
        scopes = found;
        return true;
    }

    /// <summary>
    /// Reads scopes that must be among those granted (RFC 6749 §6): those, or all granted ones when none are asked for.
    /// </summary>
    /// <param name="text">The request's <c>scope</c>.</param>
    /// <param name="granted">What was granted.</param>
    /// <returns>The scopes; null when one was not granted.</returns>
    internal static IReadOnlyList<string>? Narrow(string? text, IReadOnlyList<string> granted)
    {
        var asked = Split(text);
        if (asked.Length == 0)
            return granted;
        if (!asked.All(scope => granted.Contains(scope, StringComparer.OrdinalIgnoreCase)))
            return null;
        return [.. granted.Where(scope => asked.Contains(scope, StringComparer.OrdinalIgnoreCase))];
    }

    /// <summary>Scopes out of a text: comma- or space-separated.</summary>
    internal static string[] Split(string? text) =>
        (text ?? "").Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private string? Find(string scope) => Scopes.FirstOrDefault(allowed => allowed.Equals(scope, StringComparison.OrdinalIgnoreCase));
}

/// <summary>A provider's URLs; null where it has none, or where it has not been discovered yet.</summary>
/// <param name="Authorization">Where browsers are sent (RFC 6749 §3.1).</param>
/// <param name="Token">Where codes and refresh tokens are exchanged (RFC 6749 §3.2).</param>
/// <param name="Revocation">Where tokens are revoked (RFC 7009).</param>
/// <param name="UserInfo">Where the player's profile is read.</param>
public sealed record ProviderEndpoints(Uri? Authorization, Uri? Token, Uri? Revocation, Uri? UserInfo);
