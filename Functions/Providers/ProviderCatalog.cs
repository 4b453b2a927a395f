using System.Text.Json;
using System.Text.Json.Serialization;

namespace TokenBroker.Providers;

/// <summary>The providers of providers.json by name. An entry is read when it is asked for: most apps name one.</summary>
public sealed class ProviderCatalog
{
    private const string Source = "providers.json";
    private readonly Dictionary<string, JsonElement> _entries;

    private ProviderCatalog(Dictionary<string, JsonElement> entries) => _entries = entries;

    /// <summary>All providers.</summary>
    /// <exception cref="ConfigurationException">An entry is wrong; the message names it and the field.</exception>
    public IReadOnlyCollection<Provider> All => [.. _entries.Select(entry => Read(entry.Key, entry.Value))];

    /// <summary>The names of all entries.</summary>
    public IReadOnlyCollection<string> Names => _entries.Keys;

    /// <summary>Finds a provider.</summary>
    /// <param name="name">The name of its entry.</param>
    /// <returns>The provider; null when there is no such entry.</returns>
    /// <exception cref="ConfigurationException">The entry is wrong; the message names it and the field.</exception>
    public Provider? Find(string name) => _entries.TryGetValue(name, out var entry) ? Read(name, entry) : null;

    /// <summary>Reads the providers.json inside the app.</summary>
    internal static ProviderCatalog Embedded()
    {
        using var stream = typeof(ProviderCatalog).Assembly.GetManifestResourceStream(Source)!;
        return Parse(stream);
    }

    /// <summary>Takes entries, whose unknown fields and values will fail.</summary>
    /// <exception cref="ConfigurationException">This is no JSON.</exception>
    internal static ProviderCatalog Parse(Stream json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var entries = new Dictionary<string, JsonElement>();
            foreach (var entry in document.RootElement.EnumerateObject())
            {
                if (entry.Name != "$schema")
                    entries[entry.Name] = entry.Value.Clone();
            }
            return new(entries);
        }
        catch (JsonException exception)
        {
            throw new ConfigurationException(Source, $"cannot be read: {exception.Message}");
        }
    }

    private static Provider Read(string name, JsonElement entry)
    {
        try
        {
            var provider = entry.Deserialize(ProviderJson.Default.Provider)! with { Name = name };
            CheckEndpoint(provider.AuthorizationEndpoint, "authorizationEndpoint");
            CheckEndpoint(provider.TokenEndpoint, "tokenEndpoint");
            CheckEndpoint(provider.RevocationEndpoint, "revocationEndpoint");
            CheckEndpoint(provider.UserInfoEndpoint, "userInfoEndpoint");
            CheckEndpoint(provider.Issuer, "issuer");
            return provider is { Discovery: true, Issuer: null } ? throw new JsonException("discovery needs an issuer.") : provider;
        }
        catch (JsonException exception)
        {
            throw new ConfigurationException($"{Source} entry '{name}'", $"cannot be read: {exception.Message}");
        }

        void CheckEndpoint(string? url, string field)
        {
            if (url is not null)
                WebAddress.Parse($"{Source} entry '{name}', {field}", url.Replace("{domain}", "example.com", StringComparison.Ordinal));
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(Provider))]
internal sealed partial class ProviderJson : JsonSerializerContext;
