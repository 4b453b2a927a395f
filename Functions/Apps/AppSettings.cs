namespace TokenBroker.Apps;

/// <summary>Reads one app of the section <c>Apps</c>.</summary>
internal static class AppSettings
{
    /// <summary>The local runs' key for the client secret; deployed, secrets come from the vault.</summary>
    public const string ClientSecret = "ClientSecret";

    /// <summary>Keys of earlier versions, each with the one that took its place.</summary>
    private static readonly Dictionary<string, string> RenamedKeys =
        new(StringComparer.OrdinalIgnoreCase) { ["RequireProofKey"] = "RequirePkce" };

    private static readonly string[] Keys =
    [
        "Provider", "ClientId", "DisplayName", "Scopes", ClientSecret, "Domain", "Issuer",
        "AuthorizationEndpoint", "TokenEndpoint", "RevocationEndpoint", "UserInfoEndpoint", "AllowPrivateNetwork",
        "RequirePkce", "RequireDpop", "Logo", "AccentColor", "AccentColorDark",
    ];

    /// <exception cref="ConfigurationException">A key is missing, unknown or wrong.</exception>
    public static App Read(IConfigurationSection section, ProviderCatalog providers)
    {
        var name = section.Key;
        if (name.Length == 0 || !name.All(char.IsAsciiLetterOrDigit) || name.Any(char.IsAsciiLetterUpper))
            throw new ConfigurationException(section.Path, "is no app name: use lower-case letters and digits.");
        foreach (var child in section.GetChildren())
            CheckKey(child);

        var provider = providers.Find(section["Provider"] ?? name) ?? throw new ConfigurationException(
            $"{section.Path}:Provider", $"names no entry of providers.json: {string.Join(", ", providers.Names)}.");
        return new App
        {
            Name = name,
            Provider = provider,
            ClientId = section["ClientId"] is { Length: > 0 } id
                ? id
                : throw new ConfigurationException($"{section.Path}:ClientId", "is missing."),
            DisplayName = section["DisplayName"] is { Length: > 0 } displayName ? displayName : name,
            Scopes = Scopes(section.GetSection("Scopes"), provider),
            Endpoints = new(
                Endpoint(section, "AuthorizationEndpoint", provider.AuthorizationEndpoint, isRequired: !provider.Discovery),
                Endpoint(section, "TokenEndpoint", provider.TokenEndpoint, isRequired: !provider.Discovery),
                Endpoint(section, "RevocationEndpoint", provider.RevocationEndpoint, isRequired: false),
                Endpoint(section, "UserInfoEndpoint", provider.UserInfoEndpoint, isRequired: false)),
            Branding = Branding.Read(section),
            Issuer = Issuer(section, provider),
            RequirePkce = Flag(section, "RequirePkce"),
            RequireDpop = Flag(section, "RequireDpop"),
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
        if (provider.Scopes.Count > 0 &&
            configured.FirstOrDefault(scope => !provider.Scopes.Contains(scope, StringComparer.Ordinal)) is { } unknown)
            throw new ConfigurationException(section.Path, $"has '{unknown}', which provider '{provider.Name}' does not know.");
        return configured;
    }

    private static void CheckKey(IConfigurationSection child)
    {
        if (RenamedKeys.TryGetValue(child.Key, out var newKey))
            throw new ConfigurationException(child.Path, $"has been renamed: set {newKey}.");
        if (!Keys.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            throw new ConfigurationException(child.Path, $"is unknown. Known keys: {string.Join(", ", Keys)}.");
    }

    private static Uri? Endpoint(IConfigurationSection section, string key, string? template, bool isRequired)
    {
        if (section[key] is { Length: > 0 } configured)
            return Public(section, $"{section.Path}:{key}", configured);
        if (template is null)
            return isRequired
                ? throw new ConfigurationException($"{section.Path}:{key}", "is missing: the provider has none of its own.")
                : null;
        return template.Contains("{domain}", StringComparison.Ordinal) ? WithDomain(section, template) : new Uri(template);
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
        var isHostName = !domain.AsSpan().ContainsAny("/\\?#@") &&
            Uri.TryCreate($"https://{domain}", UriKind.Absolute, out var site) &&
            Uri.CheckHostName(site.Host) != UriHostNameType.Unknown;
        if (!isHostName)
            throw new ConfigurationException(key, "must be a host name such as studio.example.com.");
        return Public(section, key, template.Replace("{domain}", domain, StringComparison.Ordinal));
    }

    /// <summary>
    /// A URL that is not itself a private address. A host name that resolves to one is refused when the connection is made.
    /// </summary>
    private static Uri Public(IConfigurationSection section, string key, string text)
    {
        var url = WebAddress.Parse(key, text);
        if (url.IsLoopback || Flag(section, "AllowPrivateNetwork"))
            return url;
        if (IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) && PrivateNetwork.Contains(address))
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
