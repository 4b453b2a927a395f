namespace TokenBroker.Apps;

/// <summary>The apps of the section <c>Apps</c>.</summary>
public sealed class AppCatalog
{
    private readonly Dictionary<string, App> _byName;
    private readonly ILookup<string, App> _byClientId;
    private readonly App? _default;

    private AppCatalog(IEnumerable<App> apps, string? defaultApp)
    {
        _byName = apps.ToDictionary(app => app.Name, StringComparer.Ordinal);
        Registrations = [.. _byName.Values.SelectMany(app => app.Registrations)];
        _byClientId = Registrations.ToLookup(registration => registration.ClientId, registration => _byName[registration.AppName]);
        StateNames = [.. Registrations.Select(registration => registration.Provider.AuthorizeParameters.State).Distinct()];
        if (defaultApp is null)
            _default = _byName.Count == 1 ? _byName.Values.Single() : null;
        else if (!_byName.TryGetValue(defaultApp, out _default))
            throw new ConfigurationException("Broker:DefaultApp", ConfigurationProblems.Unknown(
                "names no app of the section Apps", defaultApp, [.. _byName.Keys]));
    }

    /// <summary>All apps.</summary>
    public IReadOnlyCollection<App> All => _byName.Values;

    /// <summary>The app of requests that name none, whose look pages have that know no other; null where there is none.</summary>
    public App? Default => _default;

    /// <summary>All registrations of all apps.</summary>
    public IReadOnlyList<Registration> Registrations { get; }

    /// <summary>What the providers of all apps call <c>state</c>.</summary>
    internal string[] StateNames { get; }

    /// <summary>The app of a stored session.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The app; null when it is no longer configured.</returns>
    public App? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The app that a request names by <c>app</c>, by <c>client_id</c>, or by neither: then it is the default one.</summary>
    /// <param name="app">An app's name, or a provider client id.</param>
    /// <param name="clientId">The same, for games that only know <c>client_id</c>.</param>
    /// <returns>The app; null when a value names none or both name different ones.</returns>
    public App? Find(string? app, string? clientId)
    {
        if (app is null && clientId is null)
            return _default;
        var found = Named(app ?? clientId!);
        return clientId is null || Named(clientId) == found ? found : null;
    }

    /// <summary>Reads the section <c>Apps</c>.</summary>
    /// <exception cref="ConfigurationException">A key is missing, unknown or wrong.</exception>
    internal static AppCatalog From(IConfiguration configuration, ProviderCatalog providers)
    {
        var problems = new ConfigurationProblems();
        var apps = configuration.GetSection("Apps").GetChildren()
            .Select(section => problems.Try(() => AppSettings.Read(section, providers))).ToList();
        problems.ThrowIfAny();
        if (apps.Count == 0)
            throw new ConfigurationException(
                "Apps", "is empty: configure at least one game, by Apps__{app}__ClientId and what belongs to it.");
        return new(apps, configuration["Broker:DefaultApp"] is { Length: > 0 } name ? name : null);
    }

    private App? Named(string value)
    {
        if (_byName.TryGetValue(value, out var app))
            return app;
        var matches = _byClientId[value].Distinct().Take(2).ToList();
        return matches.Count == 1 ? matches[0] : null;
    }
}
