using System.Net;
using Microsoft.Extensions.Configuration;
using TokenBroker.OAuth;
using TokenBroker.Providers;

namespace TokenBroker.Apps;

/// <summary>Reads one app of the section <c>Apps</c>.</summary>
internal static class AppSection
{
    /// <summary>The local runs' key for the client secret; deployed, secrets come from the vault.</summary>
    public const string ClientSecret = "ClientSecret";

    private static readonly string[] Keys =
    [
        "Provider", "ClientId", "DisplayName", "Scopes", ClientSecret, "Domain", "Issuer",
        "AuthorizationEndpoint", "TokenEndpoint", "RevocationEndpoint", "UserInfoEndpoint", "AllowPrivateNetwork",
        "RequireProofKey", "Logo", "AccentColor", "AccentColorDark",
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
            $"{section.Path}:Provider", $"names no entry of providers.json: {string.Join(", ", providers.Names)}.");
        return new App
        {
            Name = name,
            Provider = provider,
            ClientId = section["ClientId"] is { Length: > 0 } id ? id : throw new ConfigurationException($"{section.Path}:ClientId", "is missing."),
            DisplayName = section["DisplayName"] is { Length: > 0 } displayName ? displayName : name,
            Scopes = Scopes(section.GetSection("Scopes"), provider),
            Endpoints = provider.Discovery ? null : new(
                Required(section, "AuthorizationEndpoint", provider.AuthorizationEndpoint),
                Required(section, "TokenEndpoint", provider.TokenEndpoint),
                Optional(section, "RevocationEndpoint", provider.RevocationEndpoint),
                Optional(section, "UserInfoEndpoint", provider.UserInfoEndpoint)),
            Overrides = new(
                Optional(section, "AuthorizationEndpoint", null),
                Optional(section, "TokenEndpoint", null),
                Optional(section, "RevocationEndpoint", null),
                Optional(section, "UserInfoEndpoint", null)),
            Branding = Branding.Read(section),
            Issuer = Issuer(section, provider),
            RequireProofKey = Flag(section, "RequireProofKey"),
            AllowPrivateNetwork = Flag(section, "AllowPrivateNetwork"),
        };
    }

    private static IReadOnlyList<string> Scopes(IConfigurationSection section, Provider provider)
    {
        string[] configured = [.. section.GetChildren().Select(child => child.Value ?? "")];
        if (configured.Length == 0 && provider is { ScopeUse: ScopeUse.Required, Scopes.Count: 0 })
            throw new ConfigurationException(section.Path, $"is missing: provider '{provider.Name}' has no fixed list to default to.");
        if (configured.Length == 0)
            return provider.Scopes;
        if (provider.ScopeUse == ScopeUse.None)
            throw new ConfigurationException(section.Path, $"is set, but provider '{provider.Name}' knows no scopes.");
        if (configured.Any(scope => scope.Length == 0 || scope.AsSpan().ContainsAny(", \"\\")))
            throw new ConfigurationException(section.Path, "must hold one scope in each entry.");
        if (provider.Scopes.Count > 0 && configured.FirstOrDefault(scope => !provider.Scopes.Contains(scope, StringComparer.Ordinal)) is { } unknown)
            throw new ConfigurationException(section.Path, $"has '{unknown}', which provider '{provider.Name}' does not know.");
        return configured;
    }

    private static Uri Required(IConfigurationSection section, string key, string? template) => Optional(section, key, template)
        ?? throw new ConfigurationException($"{section.Path}:{key}", "is missing: the provider has none of its own.");

    private static Uri? Optional(IConfigurationSection section, string key, string? template)
    {
        if (section[key] is { Length: > 0 } configured)
            return Public(section, $"{section.Path}:{key}", configured);
        return template is null ? null
            : template.Contains("{domain}", StringComparison.Ordinal) ? WithDomain(section, template)
            : new Uri(template);
    }

    /// <summary>The issuer as text, since it is compared character by character (OpenID Connect Discovery §4.3).</summary>
    private static string? Issuer(IConfigurationSection section, Provider provider)
    {
        if (section["Issuer"] is { Length: > 0 } configured)
        {
            Public(section, $"{section.Path}:Issuer", configured);
            return configured;
        }
        if (provider.Issuer?.Contains("{domain}", StringComparison.Ordinal) != true)
            return provider.Issuer;
        if (string.IsNullOrEmpty(section["Domain"]))
            throw new ConfigurationException($"{section.Path}:Issuer", "is missing, and so is Domain.");
        return WithDomain(section, provider.Issuer).AbsoluteUri.TrimEnd('/');
    }

    private static Uri WithDomain(IConfigurationSection section, string template)
    {
        var key = $"{section.Path}:Domain";
        var domain = section["Domain"] is { Length: > 0 } given ? given : throw new ConfigurationException(key, "is missing.");
        if (domain.AsSpan().ContainsAny("/\\?#@") || !Uri.TryCreate($"https://{domain}", UriKind.Absolute, out var site) || Uri.CheckHostName(site.Host) == UriHostNameType.Unknown)
            throw new ConfigurationException(key, "must be a host name such as studio.example.com.");
        return Public(section, key, template.Replace("{domain}", domain, StringComparison.Ordinal));
    }

    /// <summary>A URL that is not at a private address in so many words; a name that leads to one is refused at the connection.</summary>
    private static Uri Public(IConfigurationSection section, string key, string text)
    {
        var url = WebAddress.Parse(key, text);
        if (!Flag(section, "AllowPrivateNetwork") && !url.IsLoopback && IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) && PrivateNetwork.Contains(address))
            throw new ConfigurationException(key, "is a private address; set AllowPrivateNetwork if that is meant.");
        return url;
    }

    private static bool Flag(IConfigurationSection section, string key) => section[key] switch
    {
        null or "" => false,
        var text when bool.TryParse(text, out var flag) => flag,
        _ => throw new ConfigurationException($"{section.Path}:{key}", "must be true or false."),
    };
}
