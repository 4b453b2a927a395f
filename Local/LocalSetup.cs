using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TokenBroker.Crypto;
using TokenBroker.Local.Dev;
using TokenBroker.Local.Emulators;
using TokenBroker.Secrets;
using TokenBroker.Storage;

namespace TokenBroker.Local;

/// <summary>Fills in what a local run's configuration leaves out, and knows what it chose.</summary>
internal sealed class LocalSetup : IAsyncDisposable
{
    private const string DefaultUrl = "http://localhost:7071";
    private readonly Dictionary<string, string?> _settings = [];
    private readonly List<EmulatedProvider> _emulators = [];

    private LocalSetup()
    {
    }

    /// <summary>The emulated providers.</summary>
    public IReadOnlyList<EmulatedProvider> Emulators => _emulators;

    /// <summary>The apps that are configured, each with where from.</summary>
    public IReadOnlyList<(string App, string Source)> OwnApps { get; private set; } = [];

    /// <summary>Whether the public URL is an address of the network.</summary>
    public bool IsOnLan { get; private set; }

    /// <summary>
    /// The port that the console has to itself, since strangers come to the other one through a tunnel; null without one.
    /// </summary>
    public int? ConsolePort { get; private set; }

    /// <summary>Where sessions and secrets are, in words.</summary>
    public string Kept { get; private set; } = "";

    public static async Task<LocalSetup> FillInAsync(WebApplicationBuilder builder, LocalArguments arguments)
    {
        var setup = new LocalSetup();
        var configuration = builder.Configuration;
        setup.OwnApps = [.. configuration.GetSection("Apps").GetChildren().Select(app => (app.Key, SourceOf(configuration, app)))];
        var publicUrl = setup.ChooseUrls(configuration, arguments);
        // With a vault no secret may stand in configuration, as those of the emulated providers would.
        var hasVault = !string.IsNullOrEmpty(configuration["KeyVault:Uri"]);
        if (arguments.WithEmulators && !hasVault)
            await setup.AddEmulatorsAsync(configuration, publicUrl);
        setup.AllowConsoleAsGame();
        if (!hasVault)
            setup.MakeKeys(configuration);
        var hasStorage = configuration.GetSection("SessionStorage") is var storage &&
            (storage.Value is { Length: > 0 } || storage.GetChildren().Any());
        if (!hasStorage)
            builder.Services.AddSingleton<ISessionStore, MemorySessionStore>();
        setup.Kept = $"sessions {(hasStorage ? "in the configured storage" : "in memory, gone when this stops")}; " +
            $"secrets {(hasVault ? "in Key Vault" : "from configuration, what is missing made for this run only")}";

        configuration.AddInMemoryCollection(setup._settings);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("System", LogLevel.Warning)
            .AddFilter("Microsoft.Extensions.Hosting", LogLevel.None); // A start that fails is told in one line by Program.
        return setup;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var emulator in _emulators)
            await emulator.DisposeAsync();
    }

    /// <summary>Where to listen, and the URL that players and games are told.</summary>
    private string ChooseUrls(ConfigurationManager configuration, LocalArguments arguments)
    {
        var urls = configuration["urls"] ?? DefaultUrl;
        var port = BindingAddress.Parse(urls.Split(';')[0]).Port;
        var publicUrl = configuration["Broker:PublicUrl"] is { Length: > 0 } given ? given : Reachable(urls.Split(';')[0]);
        if (arguments.Lan is { } lan)
        {
            var address = LocalNetwork.Choose(lan);
            IsOnLan = true;
            WebAddress.AllowsPrivateHttp = true;
            publicUrl = $"http://{address}:{port}";
            urls = $"{publicUrl};http://localhost:{port}";
        }
        if (arguments.Public is { } tunnel)
        {
            publicUrl = tunnel;
            ConsolePort = LocalNetwork.FreePort();
            urls = $"{urls};http://127.0.0.1:{ConsolePort}";
        }
        _settings["urls"] = urls;
        _settings["Broker:PublicUrl"] = publicUrl;
        return publicUrl.TrimEnd('/');
    }

    /// <summary>A listening address as a browser on this machine opens it: every address also is localhost.</summary>
    private static string Reachable(string url)
    {
        var address = BindingAddress.Parse(url);
        return address.Host is "0.0.0.0" or "[::]" or "*" or "+" ? $"{address.Scheme}://localhost:{address.Port}" : url;
    }

    private static string SourceOf(IConfigurationRoot configuration, IConfigurationSection app)
    {
        var keys = app.AsEnumerable().Where(pair => pair.Value is not null).Select(pair => pair.Key).ToList();
        var sources = configuration.Providers.Where(provider => keys.Any(key => provider.TryGet(key, out _))).Select(provider =>
            provider.GetType().Name switch
            {
                "JsonConfigurationProvider" => "user secrets",
                "EnvironmentVariablesConfigurationProvider" => "environment",
                "CommandLineConfigurationProvider" => "command line",
                var other => other,
            });
        return string.Join(" and ", sources.Distinct());
    }

    /// <summary>The emulated providers and their demo games, but for games of the same name that are configured.</summary>
    private async Task AddEmulatorsAsync(ConfigurationManager configuration, string publicUrl)
    {
        foreach (var emulator in EmulatedProviders.All())
        {
            _emulators.Add(emulator);
            emulator.RedirectUri = $"{publicUrl}/complete";
            if (IsOnLan)
                emulator.Host = new Uri(publicUrl).Host;
            await emulator.StartAsync();
        }
        foreach (var (key, value) in EmulatedProviders.Settings(_emulators))
        {
            var app = key.Split(':')[1];
            if (!OwnApps.Any(own => own.App == app))
                _settings[key] = value;
        }
        // One game of one's own is what somebody means who names none.
        if (string.IsNullOrEmpty(configuration["Broker:DefaultApp"]))
            _settings["Broker:DefaultApp"] = OwnApps is [var only] ? only.App : _emulators[0].Name;
    }

    /// <summary>Lets the console sign in as each game does that has itself come back to.</summary>
    private void AllowConsoleAsGame()
    {
        var apps = OwnApps.Select(own => own.App).Concat(
            _settings.Keys.Where(key => key.StartsWith("Apps:", StringComparison.Ordinal)).Select(key => key.Split(':')[1])).Distinct();
        foreach (var app in apps.ToList())
        {
            _settings[$"Apps:{app}:RedirectUris:dev0"] = $"http://127.0.0.1{DevConsole.CallbackPath}";
            _settings[$"Apps:{app}:RedirectUris:dev1"] = $"http://[::1]{DevConsole.CallbackPath}";
        }
    }

    private void MakeKeys(ConfigurationManager configuration)
    {
        if (string.IsNullOrEmpty(configuration[ConfigurationSecrets.ProtectionKeyName]))
        {
            _settings[ConfigurationSecrets.ProtectionKeyName] =
                Convert.ToBase64String(RandomNumberGenerator.GetBytes(ProtectionKey.Length));
        }
        if (string.IsNullOrEmpty(configuration[ConfigurationSecrets.SigningKeyName]))
        {
            using var rsa = RSA.Create(SigningKey.MinRsaBits);
            _settings[ConfigurationSecrets.SigningKeyName] = rsa.ExportPkcs8PrivateKeyPem();
        }
    }
}
