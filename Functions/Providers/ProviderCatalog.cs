using System.Text.Json;
using System.Text.Json.Serialization;

namespace TokenBroker.Providers;

/// <summary>The providers of providers.json by name.</summary>
public sealed class ProviderCatalog
{
    private const string Source = "providers.json";
    private readonly Dictionary<string, Provider> _providers;

    private ProviderCatalog(Dictionary<string, Provider> providers) => _providers = providers;

    /// <summary>All providers.</summary>
    public IReadOnlyCollection<Provider> All => _providers.Values;

    /// <summary>Finds a provider.</summary>
    /// <param name="name">The name of its entry.</param>
    /// <returns>The provider; null when there is no such entry.</returns>
    public Provider? Find(string name) => _providers.GetValueOrDefault(name);

    /// <summary>Reads the providers.json inside the app.</summary>
    internal static ProviderCatalog Embedded()
    {
        using var stream = typeof(ProviderCatalog).Assembly.GetManifestResourceStream(Source)!;
        return Parse(stream);
    }

    /// <summary>Reads entries; unknown fields and values fail.</summary>
    /// <exception cref="ConfigurationException">An entry is wrong; the message names it and the field.</exception>
    internal static ProviderCatalog Parse(Stream json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return new(document.RootElement.EnumerateObject()
                .Where(entry => entry.Name != "$schema")
                .ToDictionary(entry => entry.Name, Read));
        }
        catch (JsonException exception)
        {
            throw new ConfigurationException(Source, $"cannot be read: {exception.Message}");
        }
    }

    private static Provider Read(JsonProperty entry)
    {
        try
        {
            var provider = entry.Value.Deserialize(ProviderJson.Default.Provider)! with { Name = entry.Name };
            CheckEndpoint(provider.AuthorizationEndpoint, "authorizationEndpoint");
            CheckEndpoint(provider.TokenEndpoint, "tokenEndpoint");
            CheckEndpoint(provider.RevocationEndpoint, "revocationEndpoint");
            CheckEndpoint(provider.UserInfoEndpoint, "userInfoEndpoint");
            CheckEndpoint(provider.Issuer, "issuer");
            return provider is { Discovery: true, Issuer: null } ? throw new JsonException("discovery needs an issuer.") : provider;
        }
        catch (JsonException exception)
        {
            throw new ConfigurationException($"{Source} entry '{entry.Name}'", $"cannot be read: {exception.Message}");
        }

        void CheckEndpoint(string? url, string field)
        {
            if (url is not null)
                WebAddress.Parse($"{Source} entry '{entry.Name}', {field}", url.Replace("{domain}", "example.com", StringComparison.Ordinal));
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(Provider))]
internal sealed partial class ProviderJson : JsonSerializerContext;
