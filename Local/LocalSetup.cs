using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TokenBroker.Apps;
using TokenBroker.Crypto;
using TokenBroker.Endpoints;
using TokenBroker.Local.Emulators;
using TokenBroker.Secrets;
using TokenBroker.Storage;
using TokenBroker.Web;

namespace TokenBroker.Local;

/// <summary>Fills in what a local run's configuration leaves out, and tells what it chose.</summary>
internal sealed class LocalSetup : IAsyncDisposable
{
    private const string DefaultUrl = "http://localhost:7071";
    private readonly List<string> _choices = [];
    private readonly List<EmulatedProvider> _emulators = [];

    private LocalSetup()
    {
    }

    public static async Task<LocalSetup> FillInAsync(WebApplicationBuilder builder)
    {
        var setup = new LocalSetup();
        var configuration = builder.Configuration;
        var missing = new Dictionary<string, string?>();

        var url = configuration["urls"] ?? DefaultUrl;
        missing["urls"] = url;
        var publicUrl = configuration["Broker:PublicUrl"] is { Length: > 0 } given ? given : Reachable(url.Split(';')[0]);
        missing["Broker:PublicUrl"] = publicUrl;

        if (configuration.GetSection("Apps").GetChildren().Any())
            setup._choices.Add("Providers   as configured");
        else
            await setup.AddEmulatorsAsync(missing, $"{publicUrl.TrimEnd('/')}/complete");
        setup.ChooseSecrets(configuration, missing);
        setup.ChooseSigningKey(configuration, missing);
        setup.ChooseStorage(builder, missing);

        configuration.AddInMemoryCollection(missing);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("System", LogLevel.Warning)
            .AddFilter("Microsoft.Extensions.Hosting", LogLevel.None); // A start that fails is told in one line by Program.
        return setup;
    }

    /// <summary>Says what was chosen, where the functions are, and which one URL to open.</summary>
    public void Describe(IServiceProvider services, TextWriter output)
    {
        var url = services.GetRequiredService<BrokerOptions>().PublicUrl.AbsoluteUri.TrimEnd('/');
        output.WriteLine();
        foreach (var choice in _choices)
            output.WriteLine(choice);
        output.WriteLine();
        foreach (var function in InProcessHost.HttpFunctions(typeof(CreateSession).Assembly))
            output.WriteLine($"  {function.Name}: [{string.Join(',', function.Methods)}] {url}/{function.Route}");
        foreach (var (name, schedule, _) in InProcessHost.TimerFunctions(typeof(CreateSession).Assembly))
            output.WriteLine($"  {name}: timer {schedule}");
        output.WriteLine();
        output.WriteLine($"Open {url}{FirstLink(services.GetRequiredService<AppCatalog>())}");
        output.WriteLine($"or play a game in another terminal: dotnet run --project samples/ConsoleGame {url}");
        output.WriteLine("Press Ctrl-C to stop.");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var emulator in _emulators)
            await emulator.DisposeAsync();
    }

    private static string FirstLink(AppCatalog apps)
    {
        var app = apps.Find(null, null) ?? apps.All.First();
        var scopes = app.OnlyRegistration is { Scopes.Count: > 0 } only ? $"&scopes={Uri.EscapeDataString(only.Scopes[0])}" : "";
        return $"/{Paths.CreateSession}?app={app.Name}{scopes}";
    }

    /// <summary>A listening address as a browser on this machine opens it: every address also is localhost.</summary>
    private static string Reachable(string url)
    {
        var address = BindingAddress.Parse(url);
        return address.Host is "0.0.0.0" or "[::]" or "*" or "+" ? $"{address.Scheme}://localhost:{address.Port}" : url;
    }

    private async Task AddEmulatorsAsync(Dictionary<string, string?> settings, string redirectUri)
    {
        foreach (var emulator in EmulatedProviders.All())
        {
            _emulators.Add(emulator);
            emulator.RedirectUri = redirectUri;
            await emulator.StartAsync();
            _choices.Add($"Provider    {emulator.Name}, emulated at {emulator.Url}");
        }
        foreach (var (key, value) in EmulatedProviders.Settings(_emulators))
            settings[key] = value;
        settings["Broker:DefaultApp"] = _emulators[0].Name;
        _choices.Add($"Game        {EmulatedProviders.Arcade}, whose players choose among three of them");
    }

    private void ChooseSecrets(ConfigurationManager configuration, Dictionary<string, string?> settings)
    {
        if (!string.IsNullOrEmpty(configuration["KeyVault:Uri"]))
        {
            _choices.Add("Secrets     Key Vault");
            return;
        }
        if (!string.IsNullOrEmpty(configuration[ConfigurationSecrets.ProtectionKeyName]))
        {
            _choices.Add("Secrets     from configuration");
            return;
        }
        settings[ConfigurationSecrets.ProtectionKeyName] = Convert.ToBase64String(RandomNumberGenerator.GetBytes(ProtectionKey.Length));
        _choices.Add("Secrets     a protection key for this run only");
    }

    private void ChooseSigningKey(ConfigurationManager configuration, Dictionary<string, string?> settings)
    {
        var hasKey = !string.IsNullOrEmpty(configuration["KeyVault:Uri"]) ||
            !string.IsNullOrEmpty(configuration[ConfigurationSecrets.SigningKeyName]);
        if (hasKey)
            return;
        using var rsa = RSA.Create(SigningKey.MinRsaBits);
        settings[ConfigurationSecrets.SigningKeyName] = rsa.ExportPkcs8PrivateKeyPem();
        _choices.Add("ID tokens   signed by a key for this run only");
    }

    private void ChooseStorage(WebApplicationBuilder builder, Dictionary<string, string?> settings)
    {
        if (HasStorage(builder.Configuration))
        {
            _choices.Add("Sessions    in the configured storage");
        }
        else
        {
            builder.Services.AddSingleton<ISessionStore, MemorySessionStore>();
            _choices.Add("Sessions    in memory, gone when this stops");
        }
    }

    private static bool HasStorage(ConfigurationManager configuration) =>
        configuration.GetSection("SessionStorage") is var section && (section.Value is { Length: > 0 } || section.GetChildren().Any());
}
