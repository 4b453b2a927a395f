using System.Globalization;
using TokenBroker.Local.Emulators;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.RealWorker;

/// <summary>
/// The broker on the real worker and on Azurite, in front of emulated providers, started by what the Functions host sends to a worker.
/// </summary>
internal sealed class WorkerHost : IAsyncDisposable
{
    private static readonly Lazy<Task<string>> Published = new(PublishAsync);
    private readonly IReadOnlyList<EmulatedProvider> _emulators;
    private readonly NodeServer _host;

    private WorkerHost(NodeServer host, IReadOnlyList<EmulatedProvider> emulators, Uri url) =>
        (_host, _emulators, Url) = (host, emulators, url);

    public Uri Url { get; }

    public EmulatedProvider Emulator(string name) => _emulators.Single(emulator => emulator.Name == name);

    /// <summary>Starts the app as it is published.</summary>
    public static async Task<WorkerHost> StartAsync(params (string Key, string Value)[] settings) =>
        await StartAsync(await Published.Value, settings);

    /// <summary>Starts the app without the middleware that refuses forged binding data.</summary>
    public static Task<WorkerHost> StartUnguardedAsync() => StartAsync(
        Repository.File("Functions.Tests", "RealWorker", "UnguardedApp", "bin", Repository.Configuration, "net10.0", "UnguardedApp.dll"));

    public Browser NewBrowser() => new(Url);

    /// <summary>A game whose requests come from an address.</summary>
    public Game NewGame(string peer = "203.0.113.7")
    {
        var game = new Game(Url);
        game.Headers.Add("X-Test-Peer", peer);
        return game;
    }

    /// <summary>Everything that the worker has logged.</summary>
    public async Task<string> LogsAsync()
    {
        using var operations = new Browser(Url);
        return (await operations.GetAsync("/admin/logs")).Body;
    }

    /// <summary>The most memory that the worker has had so far, in bytes.</summary>
    public async Task<long> PeakMemoryAsync()
    {
        using var operations = new Browser(Url);
        var id = (await operations.GetAsync("/admin/pid")).Body;
        var line = (await File.ReadAllLinesAsync($"/proc/{id}/status")).Single(text => text.StartsWith("VmHWM:", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    /// <summary>Lets a timer fire.</summary>
    /// <returns>The invocation's status.</returns>
    public async Task<string> FireAsync(string timer)
    {
        using var operations = new Browser(Url);
        return (await operations.GetAsync($"/admin/functions/{timer}")).Body;
    }

    public async ValueTask DisposeAsync()
    {
        _host.Dispose();
        foreach (var emulator in _emulators)
            await emulator.DisposeAsync();
    }

    private static async Task<WorkerHost> StartAsync(string assembly, params (string Key, string Value)[] settings)
    {
        var url = new Uri($"http://127.0.0.1:{Ports.Free()}");
        var environment = new Dictionary<string, string?>
        {
            ["Broker__PublicUrl"] = url.AbsoluteUri,
            ["Broker__DefaultApp"] = "lifescope",
            ["Broker__ProtectionKey"] = Convert.ToBase64String(Broker.ProtectionKey),
            ["Broker__IdTokenSigningKey"] = TestKeys.Rsa,
            ["SessionStorage"] = (await Azurite.GetAsync()).ConnectionString,
        };
        var emulators = EmulatedProviders.OfSeeds();
        foreach (var emulator in emulators)
        {
            emulator.RedirectUri = $"{url}complete";
            await emulator.StartAsync();
        }
        foreach (var (key, value) in EmulatedProviders.Settings(emulators))
            environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        foreach (var (key, value) in settings)
            environment[key] = value;

        var host = await NodeServer.StartAsync(
            environment, Repository.File("Functions.Tests", "RealWorker", "host.mjs"), assembly, WorkerMessages.WriteDescriptors(),
                $"{url.Port}");
        return new(host, emulators, url);
    }

    /// <summary>Publishes once for all tests, into a folder that stays: the next run finds most of it done.</summary>
    private static async Task<string> PublishAsync()
    {
        var folder = Repository.File("artifacts", "published");
        var (exitCode, output) = await Repository.RunAsync(
            "dotnet", "publish", "Functions", "--configuration", "Release", "--output", folder);
        return exitCode == 0 ? Path.Combine(folder, "TokenBroker.dll") : throw new InvalidOperationException(output);
    }
}
