namespace TokenBroker.Providers;

/// <summary>The providers of providers.json by name. An entry is read when it is asked for: most apps name one.</summary>
public sealed class ProviderCatalog
{
    private const string Source = "providers.json";
    private const string Schema = "$schema";

    /// <summary>Refuses unknown fields, and numbers in the place of an enumeration's names.</summary>
    private static readonly ProviderJson Strict = new(new JsonSerializerOptions(ProviderJson.Default.Options)
    {
        Converters =
        {
            new JsonStringEnumConverter<ScopeUse>(JsonNamingPolicy.CamelCase, allowIntegerValues: false),
            new JsonStringEnumConverter<ClientAuthenticationStyle>(JsonNamingPolicy.CamelCase, allowIntegerValues: false),
            new JsonStringEnumConverter<BodyFormat>(JsonNamingPolicy.CamelCase, allowIntegerValues: false),
            new JsonStringEnumConverter<Protocol>(JsonNamingPolicy.CamelCase, allowIntegerValues: false),
            new JsonStringEnumConverter<IdentitySource>(JsonNamingPolicy.CamelCase, allowIntegerValues: false),
            new JsonStringEnumConverter<ButtonLabel>(JsonNamingPolicy.CamelCase, allowIntegerValues: false),
            new JsonStringEnumConverter<ScopeKind>(JsonNamingPolicy.CamelCase, allowIntegerValues: false),
            new JsonStringEnumConverter<HostKind>(JsonNamingPolicy.CamelCase, allowIntegerValues: false),
        },
    });

    private readonly JsonElement _entries;

    private ProviderCatalog(JsonElement entries) => _entries = entries;

    /// <summary>All providers.</summary>
    /// <exception cref="ConfigurationException">An entry is wrong; the message names it and the field.</exception>
    public IReadOnlyCollection<Provider> All => [.. Names.Select(name => Find(name)!)];

    /// <summary>The names of all entries.</summary>
    public IReadOnlyCollection<string> Names => [.. _entries.EnumerateObject().Select(entry => entry.Name).Where(name => name != Schema)];

    /// <summary>Finds a provider.</summary>
    /// <param name="name">The name of its entry.</param>
    /// <returns>The provider; null when there is no such entry.</returns>
    /// <exception cref="ConfigurationException">The entry is wrong; the message names it and the field.</exception>
    public Provider? Find(string name) => name != Schema && _entries.TryGetProperty(name, out var entry) ? Read(name, entry) : null;

    /// <summary>Reads the providers.json inside the app.</summary>
    internal static ProviderCatalog Embedded()
    {
        using var stream = typeof(ProviderCatalog).Assembly.GetManifestResourceStream(Source)!;
        return Parse(stream);
    }

    /// <exception cref="ConfigurationException">This is not JSON.</exception>
    internal static ProviderCatalog Parse(Stream json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return new(document.RootElement.Clone());
        }
        catch (JsonException exception)
        {
            throw new ConfigurationException(Source, $"cannot be read: {exception.Message}");
        }
    }

    private static Provider Read(string name, JsonElement entry)
    {
        var where = $"{Source} entry '{name}'";
        try
        {
            var provider = entry.Deserialize(Strict.Provider) ?? throw new ConfigurationException(where, "must be an object.");
            Check(provider, where);
            return provider with { Name = name };
        }
        catch (JsonException exception)
        {
            throw new ConfigurationException(where, $"is wrong. {exception.Message}");
        }
    }

    private static void Check(Provider provider, string where)
    {
        if (!provider.Docs.IsAbsoluteUri)
            throw new ConfigurationException($"{where}, docs", "must be an absolute URL.");
        if (provider is { Discovery: true, Issuer: null })
            throw new ConfigurationException($"{where}, discovery", "needs an issuer.");
        if (provider.Identity is { Source: IdentitySource.IdToken } && provider is { Issuer: null })
            throw new ConfigurationException($"{where}, identity", "takes an ID token, which needs an issuer.");
        if (provider is { Protocol: Protocol.OpenId2, ClaimedIdPrefix: null })
            throw new ConfigurationException($"{where}, claimedIdPrefix", "is missing: nobody could tell its players from others.");
        if (provider.ClientAssertion is { Algorithm: not ("RS256" or "PS256" or "ES256") })
            throw new ConfigurationException($"{where}, clientAssertion", "knows the algorithms RS256, PS256 and ES256.");
        var urls = new Dictionary<string, string?>
        {
            ["authorizationEndpoint"] = provider.AuthorizationEndpoint,
            ["tokenEndpoint"] = provider.TokenEndpoint,
            ["revocationEndpoint"] = provider.RevocationEndpoint,
            ["userInfoEndpoint"] = provider.UserInfoEndpoint,
            ["issuer"] = provider.Issuer,
            ["jwksUri"] = provider.JwksUri,
        };
        foreach (var (field, url) in urls)
        {
            if (url is not null)
                WebAddress.Parse($"{where}, {field}", url.Replace("{domain}", "example.com", StringComparison.Ordinal)
                    .Replace(Provider.TenantId, "tenant", StringComparison.Ordinal));
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(Provider))]
internal sealed partial class ProviderJson : JsonSerializerContext;
