namespace TokenBroker.Apps;

/// <summary>One game.</summary>
public sealed record App
{
    /// <summary>The app's name: lower-case letters and digits.</summary>
    public required string Name { get; init; }

    /// <summary>What players know the game as.</summary>
    public required string DisplayName { get; init; }

    /// <summary>How its pages look.</summary>
    public Branding Branding { get; init; } = new();

    /// <summary>
    /// Whether create-session must carry a PKCE challenge, so that only the game that began the sign-in can redeem its access code.
    /// </summary>
    public bool RequirePkce { get; init; }

    /// <summary>Whether its refresh tokens must be bound to a key of the game's (RFC 9449).</summary>
    public bool RequireDpop { get; init; }

    /// <summary>The ways in which the game may sign its players in.</summary>
    public required IReadOnlySet<Flow> Flows { get; init; }

    /// <summary>Where <c>/authorize</c> may send its players back to.</summary>
    public RedirectUris RedirectUris { get; init; } = new([]);

    /// <summary>The providers that it is registered at; of several the player chooses one.</summary>
    public required IReadOnlyList<Registration> Registrations { get; init; }

    /// <summary>The one registration of a game that has no other; null where there are several.</summary>
    public Registration? OnlyRegistration => Registrations is [var only] ? only : null;

    /// <summary>The registration that a request or a record names.</summary>
    /// <param name="provider">Its name; null for none, which names the only one.</param>
    /// <returns>The registration; null when there is none of this name, or none is named among several.</returns>
    public Registration? Find(string? provider) =>
        provider is null ? OnlyRegistration : Registrations.FirstOrDefault(registration => registration.Name == provider);

    /// <summary>What a request's scopes come to at each registration that can grant all of them.</summary>
    /// <param name="text">The request's scopes, comma- or space-separated.</param>
    /// <param name="provider">The registration that the request names; null when it names none.</param>
    /// <returns>What the player may choose from, at least one; or what is wrong, as a sentence.</returns>
    internal Choices ChoicesFor(string? text, string? provider)
    {
        var asked = Scopes.Split(text);
        if (provider is not null && Find(provider) is null)
            return Choices.None(ProviderProblem, isUnknownProvider: true);
        var named = provider is null ? Registrations : [Find(provider)!];
        var choices = named.Where(registration => registration.Grants(asked))
            .Select(registration => new Choice(registration, registration.ScopesFor(asked))).ToList();
        if (choices.Count > 0)
            return new(choices, "");
        var allowed = string.Join(", ", named.SelectMany(registration => registration.Scopes).Distinct());
        return Choices.None(asked.Count == 0
            ? $"The scopes are missing. Allowed: {allowed}."
            : $"The game may not ask for these scopes{(named.Count > 1 ? " at one provider" : "")}. Allowed: {allowed}.");
    }

    /// <summary>What is wrong with a provider that is none of the game's.</summary>
    internal string ProviderProblem
    {
        get
        {
            var names = Registrations.Select(registration => registration.Name);
            return $"The parameter 'provider' must name one of the game's: {string.Join(", ", names)}.";
        }
    }
}

/// <summary>A way in which a game signs its players in.</summary>
public enum Flow
{
    /// <summary>The player types the access code that create-session's sign-in ends with.</summary>
    AccessCode,

    /// <summary>RFC 8628.</summary>
    Device,

    /// <summary><c>/authorize</c> sends the player back to the game (RFC 6749 §4.1).</summary>
    Redirect,
}

/// <summary>A registration at which the player can sign in, and what is asked for there.</summary>
/// <param name="Registration">The registration.</param>
/// <param name="Scopes">The scopes, in the provider's spelling.</param>
internal sealed record Choice(Registration Registration, IReadOnlyList<string> Scopes);

/// <summary>What a request's scopes and provider come to.</summary>
/// <param name="All">What the player may choose from; empty when the request is wrong.</param>
/// <param name="Problem">What is wrong, as a sentence; empty when nothing is.</param>
/// <param name="IsUnknownProvider">Whether the provider is wrong, and not the scopes.</param>
internal sealed record Choices(IReadOnlyList<Choice> All, string Problem, bool IsUnknownProvider = false)
{
    /// <summary>There is nothing to choose.</summary>
    public static Choices None(string problem, bool isUnknownProvider = false) => new([], problem, isUnknownProvider);
}
