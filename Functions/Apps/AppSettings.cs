namespace TokenBroker.Apps;

/// <summary>Reads one app of the section <c>Apps</c>.</summary>
internal static class AppSettings
{
    /// <summary>The local runs' key for the client secret; deployed, secrets come from the vault.</summary>
    public const string ClientSecret = "ClientSecret";

    /// <summary>The same for the client's key, where it signs in place of sending a secret.</summary>
    public const string ClientKey = "ClientKey";

    private const string Providers = "Providers";
    private const string RedirectPath = "complete";

    /// <summary>Keys of earlier versions, each with the one that took its place.</summary>
    private static readonly Dictionary<string, string> RenamedKeys =
        new(StringComparer.OrdinalIgnoreCase) { ["RequireProofKey"] = "RequirePkce" };

    /// <summary>The keys of a registration: in the app's own section, or in <c>Providers__{provider}</c>.</summary>
    private static readonly string[] RegistrationKeys =
    [
        "ClientId", "Scopes", ClientSecret, "Domain", "Issuer",
        "AuthorizationEndpoint", "TokenEndpoint", "RevocationEndpoint", "UserInfoEndpoint", "JwksEndpoint", "AllowPrivateNetwork",
        ClientKey, "ClientKeyId", "ClientKeyIssuer", "Mark",
    ];

    private static readonly string[] Keys =
    [
        "Provider", .. RegistrationKeys, Providers, "DisplayName", "Flows", "RedirectUris", "OwnRedirectUri",
        "RequirePkce", "RequireDpop", .. Branding.Keys,
    ];

    /// <exception cref="ConfigurationException">A key is missing, unknown or wrong.</exception>
    public static App Read(IConfigurationSection section, ProviderCatalog providers)
    {
        var name = section.Key;
        if (name.Length == 0 || !name.All(char.IsAsciiLetterOrDigit) || name.Any(char.IsAsciiLetterUpper))
            throw new ConfigurationException(section.Path, "is no app name: use lower-case letters and digits.");
        var problems = new ConfigurationProblems();
        CheckKeys(section, Keys, problems);
        var redirectUris = problems.Try(() => RedirectUris.Read(section.GetSection("RedirectUris")));
        var app = new App
        {
            Name = name,
            DisplayName = section["DisplayName"] is { Length: > 0 } displayName ? displayName : name,
            Registrations = Registrations(section, providers, problems),
            Flows = problems.Try(() => Flows(section.GetSection("Flows"), redirectUris ?? new([]))),
            RedirectUris = redirectUris,
            Branding = problems.Try(() => Branding.Read(section)),
            RequirePkce = problems.Try(() => Flag(section, "RequirePkce")),
            RequireDpop = problems.Try(() => Flag(section, "RequireDpop")),
        };
        problems.ThrowIfAny();
        return app;
    }

    private static List<Registration> Registrations(
        IConfigurationSection app, ProviderCatalog providers, ConfigurationProblems problems)
    {
        var several = app.GetSection(Providers).GetChildren().ToList();
        var ownRedirectUri = problems.Try(() => Flag(app, "OwnRedirectUri"));
        if (several.Count == 0)
        {
            var name = app["Provider"] ?? app.Key;
            var provider = problems.Try(() => providers.Find(name) ?? throw Unknown($"{app.Path}:Provider", name, providers));
            if (provider is null)
                return [];
            return [Read(app, provider, problems) with { RedirectPath = ownRedirectUri ? $"{RedirectPath}/{app.Key}" : RedirectPath }];
        }

        foreach (var misplaced in RegistrationKeys.Prepend("Provider").Where(key => app.GetSection(key).Exists()))
        {
            problems.Try(() => throw new ConfigurationException(
                $"{app.Path}:{misplaced}", $"belongs into the sections of {Providers}, where there are any."));
        }
        var registrations = new List<Registration>();
        foreach (var section in several)
        {
            CheckKeys(section, RegistrationKeys, problems);
            var provider = problems.Try(() => providers.Find(section.Key) ?? throw Unknown(section.Path, section.Key, providers));
            if (provider is null)
                continue;
            var isOneOfSeveral = several.Count > 1;
            var ownPath = isOneOfSeveral ? $"{RedirectPath}/{app.Key}/{provider.Name}" : $"{RedirectPath}/{app.Key}";
            registrations.Add(Read(section, provider, problems) with
            {
                AppName = app.Key,
                Id = $"{app.Key}-{provider.Name}",
                IsOneOfSeveral = isOneOfSeveral,
                RedirectPath = ownRedirectUri ? ownPath : RedirectPath,
            });
        }
        return registrations;
    }

    private static Registration Read(IConfigurationSection section, Provider provider, ConfigurationProblems problems)
    {
        return new()
        {
            AppName = section.Key,
            Id = section.Key,
            Provider = provider,
            SectionPath = section.Path,
            RedirectPath = RedirectPath,
            ClientId = problems.Try(() => ClientId(section, provider)),
            Scopes = problems.Try(() => Scopes(section.GetSection("Scopes"), provider)),
            Endpoints = new(
                Url("AuthorizationEndpoint", provider.AuthorizationEndpoint, isRequired: !provider.Discovery),
                Url("TokenEndpoint", provider.TokenEndpoint, isRequired: !provider.Discovery),
                Url("RevocationEndpoint", provider.RevocationEndpoint, isRequired: false),
                Url("UserInfoEndpoint", provider.UserInfoEndpoint, isRequired: false),
                Url("JwksEndpoint", provider.JwksUri, isRequired: false)),
            Issuer = problems.Try(() => Issuer(section, provider)),
            ClientKeyId = problems.Try(() => ClientKeyId(section, provider)),
            ClientKeyIssuer = section["ClientKeyIssuer"] is { Length: > 0 } issuer ? issuer : null,
            AllowPrivateNetwork = problems.Try(() => Flag(section, "AllowPrivateNetwork")),
            Mark = problems.Try(() => Branding.Picture(section, "Mark")) ?? provider.Mark,
        };

        Uri? Url(string key, string? template, bool isRequired) => problems.Try(() => Endpoint(section, key, template, isRequired));
    }

    private static string ClientId(IConfigurationSection section, Provider provider)
    {
        if (section["ClientId"] is { Length: > 0 } id)
            return id;
        return provider.Protocol == Protocol.OpenId2
            ? section.Key // It knows no clients.
            : throw new ConfigurationException(
                $"{section.Path}:ClientId", $"is missing: the id that {provider.DisplayName} gave the game ({provider.Docs}).");
    }

    private static string? ClientKeyId(IConfigurationSection section, Provider provider)
    {
        var key = $"{section.Path}:ClientKeyId";
        var mustSign = provider.ClientAuthentication is ClientAuthenticationStyle.PrivateKeyJwt or ClientAuthenticationStyle.SignedSecret;
        if (section["ClientKeyId"] is not { Length: > 0 } id)
            return mustSign ? throw new ConfigurationException(key,
                $"is missing: provider '{provider.Name}' wants signed requests.") : null;
        return provider.ClientAssertion is null
            ? throw new ConfigurationException(key, $"is set, but the entry '{provider.Name}' does not say how to sign (clientAssertion).")
            : id;
    }

    /// <summary>What the game may use; by default everything that can work.</summary>
    private static HashSet<Flow> Flows(IConfigurationSection section, RedirectUris redirectUris)
    {
        var hasRedirectUris = redirectUris.All.Count > 0;
        var configured = section.GetChildren().ToList();
        if (configured.Count == 0)
            return hasRedirectUris ? [Flow.AccessCode, Flow.Device, Flow.Redirect] : [Flow.AccessCode, Flow.Device];
        var flows = configured.Select(entry => entry.Value switch
        {
            "accessCode" => Flow.AccessCode,
            "device" => Flow.Device,
            "redirect" => hasRedirectUris
                ? Flow.Redirect
                : throw new ConfigurationException(entry.Path, "is redirect, and the game has no RedirectUris."),
            var unknown => throw new ConfigurationException(
                entry.Path, ConfigurationProblems.Unknown("names no flow", unknown ?? "", ["accessCode", "device", "redirect"])),
        });
        return [.. flows];
    }

    private static ConfigurationException Unknown(string key, string name, ProviderCatalog providers) =>
        new(key, ConfigurationProblems.Unknown("names no entry of providers.json", name, [.. providers.Names]));

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
            throw new ConfigurationException(section.Path, ConfigurationProblems.Unknown(
                $"has '{unknown}', which provider '{provider.Name}' does not know", unknown, provider.Scopes));
        return configured;
    }

    private static void CheckKeys(IConfigurationSection section, string[] known, ConfigurationProblems problems)
    {
        foreach (var child in section.GetChildren())
        {
            if (RenamedKeys.TryGetValue(child.Key, out var newKey))
                problems.Try(() => throw new ConfigurationException(child.Path, $"has been renamed: set {newKey}."));
        }
        problems.CheckKeys(section, [.. known, .. section.GetChildren().Select(child => child.Key).Where(RenamedKeys.ContainsKey)]);
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
        var domain = section["Domain"] is { Length: > 0 } given ? given : throw new ConfigurationException(
            key, "is missing: a host name such as studio.example.com.");
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
