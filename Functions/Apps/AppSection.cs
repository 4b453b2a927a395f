using Microsoft.Extensions.Configuration;
using TokenBroker.Providers;

namespace TokenBroker.Apps;

/// <summary>Reads one app of the section <c>Apps</c>.</summary>
internal static class AppSection
{
    /// <summary>The local runs' key for the client secret; deployed, secrets come from the vault.</summary>
    public const string ClientSecret = "ClientSecret";

    private static readonly string[] Keys =
    [
        "Provider", "ClientId", "DisplayName", "Scopes", ClientSecret, "Domain", "AuthorizationEndpoint", "TokenEndpoint",
    ];

    /// <exception cref="ConfigurationException">A key is missing, unknown or wrong.</exception>
    public static App Read(IConfigurationSection section, ProviderCatalog providers)
    {
        var name = section.Key;
        if (name.Length == 0 || !name.All(char.IsAsciiLetterOrDigit) || name.Any(char.IsAsciiLetterUpper))
            throw new ConfigurationException(section.Path, "is no app name: use lower-case letters and digits.");
        if (section.GetChildren().FirstOrDefault(child => !Keys.Contains(child.Key, StringComparer.OrdinalIgnoreCase)) is { } unknown)
            throw new ConfigurationException(unknown.Path, $"is unknown. Known keys: {string.Join(", ", Keys)}.");

        var provider = providers.Find(section["Provider"] ?? name) ?? throw new ConfigurationException(
            $"{section.Path}:Provider", $"names no entry of providers.json: {string.Join(", ", providers.All.Select(entry => entry.Name))}.");
        return new App
        {
            Name = name,
            Provider = provider,
            ClientId = section["ClientId"] is { Length: > 0 } id ? id : throw new ConfigurationException($"{section.Path}:ClientId", "is missing."),
            DisplayName = section["DisplayName"] is { Length: > 0 } displayName ? displayName : name,
            Scopes = Scopes(section.GetSection("Scopes"), provider),
            AuthorizationEndpoint = Endpoint(section, "AuthorizationEndpoint", provider.AuthorizationEndpoint),
            TokenEndpoint = Endpoint(section, "TokenEndpoint", provider.TokenEndpoint),
        };
    }

    private static IReadOnlyList<string> Scopes(IConfigurationSection section, Provider provider)
    {
        string[] configured = [.. section.GetChildren().Select(child => child.Value ?? "")];
        if (configured.Length == 0 && provider is { KnowsScopes: true, Scopes.Count: 0 })
            throw new ConfigurationException(section.Path, $"is missing: provider '{provider.Name}' has no fixed list to default to.");
        if (configured.Length == 0)
            return provider.Scopes;
        if (!provider.KnowsScopes)
            throw new ConfigurationException(section.Path, $"is set, but provider '{provider.Name}' knows no scopes.");
        if (configured.Any(scope => scope.Length == 0 || scope.AsSpan().ContainsAny(", \"\\")))
            throw new ConfigurationException(section.Path, "must hold one scope in each entry.");
        if (provider.Scopes.Count > 0 && configured.FirstOrDefault(scope => !provider.Scopes.Contains(scope, StringComparer.Ordinal)) is { } unknown)
            throw new ConfigurationException(section.Path, $"has '{unknown}', which provider '{provider.Name}' does not know.");
        return configured;
    }

    private static Uri Endpoint(IConfigurationSection section, string key, string? template)
    {
        if (section[key] is { Length: > 0 } configured)
            return WebAddress.Parse($"{section.Path}:{key}", configured);
        if (template is null)
            throw new ConfigurationException($"{section.Path}:{key}", "is missing: the provider has none of its own.");
        if (!template.Contains("{domain}", StringComparison.Ordinal))
            return new(template);

        var domainKey = $"{section.Path}:Domain";
        var domain = section["Domain"] is { Length: > 0 } given ? given : throw new ConfigurationException(domainKey, "is missing.");
        if (Uri.CheckHostName(domain.Split(':')[0]) == UriHostNameType.Unknown)
            throw new ConfigurationException(domainKey, "must be a host name such as studio.example.com.");
        return WebAddress.Parse(domainKey, template.Replace("{domain}", domain, StringComparison.Ordinal));
    }
}
