using System.Text.Json;

namespace TokenBroker.Providers;

/// <summary>The providers of providers.json by name. An entry is read when it is asked for: most apps name one.</summary>
public sealed class ProviderCatalog
{
    private const string Source = "providers.json";
    private const string Schema = "$schema";
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
    public Provider? Find(string name) =>
        name != Schema && _entries.TryGetProperty(name, out var entry) ? ProviderEntry.Read($"{Source} entry '{name}'", name, entry) : null;

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
            return new(document.RootElement.Clone());
        }
        catch (JsonException exception)
        {
            throw new ConfigurationException(Source, $"cannot be read: {exception.Message}");
        }
    }
}
