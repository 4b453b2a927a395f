using TokenBroker.Providers;

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

    /// <summary>Where browsers are sent.</summary>
    public required Uri AuthorizationEndpoint { get; init; }

    /// <summary>Where codes are exchanged.</summary>
    public required Uri TokenEndpoint { get; init; }

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
        if (!Provider.KnowsScopes)
            return true;

        var asked = (text ?? "").Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (asked.Length == 0)
            problem = $"The parameter 'scopes' is missing. Allowed scopes: {string.Join(", ", Scopes)}.";
        else if (asked.FirstOrDefault(scope => Find(scope) is null) is { } unknown)
            problem = $"The scope '{unknown}' is not among those the game may ask for: {string.Join(", ", Scopes)}.";
        else
            scopes = [.. asked.Select(scope => Find(scope)!).Distinct()];
        return problem.Length == 0;
    }

    private string? Find(string scope) => Scopes.FirstOrDefault(allowed => allowed.Equals(scope, StringComparison.OrdinalIgnoreCase));
}
