using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using TokenBroker.Endpoints;
using TokenBroker.Local;
using TokenBroker.Local.Emulators;
using TokenBroker.Secrets;
using TokenBroker.Storage;

namespace TokenBroker.Tests.Infrastructure;

/// <summary>The whole function app on Kestrel with a manual clock, in front of emulated providers.</summary>
internal sealed class Broker : IAsyncDisposable
{
    /// <summary>The protection key of every broker that says no other.</summary>
    public static readonly byte[] ProtectionKey = [.. Enumerable.Range(0, 32).Select(number => (byte)number)];

    private readonly IReadOnlyList<EmulatedProvider> _emulators;
    private readonly IHost _host;

    private Broker(IHost host, IReadOnlyList<EmulatedProvider> emulators, FakeTimeProvider time, FakeLogCollector log, Uri url) =>
        (_host, _emulators, Time, Log, Url) = (host, emulators, time, log, url);

    public FakeTimeProvider Time { get; }

    public FakeLogCollector Log { get; }

    /// <summary>Everything that was logged, at every level.</summary>
    public string LogText => LogRecords.TextOf(Log);

    public Uri Url { get; }

    public IServiceProvider Services => _host.Services;

    /// <summary>The URL that players and games are told.</summary>
    public Uri PublicUrl => Services.GetRequiredService<BrokerOptions>().PublicUrl;

    public ISessionStore Store => Services.GetRequiredService<ISessionStore>();

    public Sweeper Sweeper => Services.GetRequiredService<Sweeper>();

    public EmulatedProvider LifeScope => Emulator("lifescope");

    public EmulatedProvider Emulator(string name) => _emulators.Single(emulator => emulator.Name == name);

    /// <summary>Starts it.</summary>
    /// <param name="store">The sessions' store; in memory when null.</param>
    /// <param name="settings">Settings beside or instead of the usual ones.</param>
    /// <param name="configure">Services beside or instead of the usual ones.</param>
    /// <param name="more">Emulated providers beside those of the seeds.</param>
    public static async Task<Broker> StartAsync(
        ISessionStore? store = null, Dictionary<string, string?>? settings = null, Action<IServiceCollection>? configure = null,
        IReadOnlyList<EmulatedProvider>? more = null)
    {
        var url = $"http://127.0.0.1:{Ports.Free()}";
        var configuration = new Dictionary<string, string?>
        {
            ["urls"] = url,
            ["Broker:PublicUrl"] = url,
            ["Broker:DefaultApp"] = "lifescope",
            [ConfigurationSecrets.ProtectionKeyName] =
                Convert.ToBase64String(ProtectionKey),
            [ConfigurationSecrets.SigningKeyName] = TestKeys.Rsa,
            ["Logging:LogLevel:Default"] = "Trace",
            ["Logging:LogLevel:Microsoft.AspNetCore"] = "Trace",
            // The most that an operator can ask for: a rule for one log provider outweighs every general one.
            ["Logging:Fake:LogLevel:Default"] = "Trace",
            ["Logging:Fake:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics"] = "Trace",
        };
        EmulatedProvider[] emulators = [.. EmulatedProviders.OfSeeds(), .. more ?? []];
        var time = Clock.New();
        foreach (var emulator in emulators)
        {
            emulator.Time = time;
            emulator.RedirectUri = $"{url}/complete";
            await emulator.StartAsync();
        }
        foreach (var (key, value) in EmulatedProviders.Settings(emulators))
            configuration[key] = value;
        foreach (var (key, value) in settings ?? [])
            configuration[key] = value;

        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(configuration);
        builder.Logging.ClearProviders().AddFakeLogging();
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.Services.AddSingleton(store ?? new MemorySessionStore());
        builder.Services.AddSingleton<Func<HttpMessageHandler, HttpMessageHandler>>(connections => new LoopbackOnly(connections));
        configure?.Invoke(builder.Services);
        builder.AddTokenBroker();
        // No timer: a test moves the clock by minutes, and sweeps when it means to.
        var host = builder.Build();
        host.MapFunctions(typeof(CreateSession).Assembly);
        await host.StartAsync();
        return new(host, emulators, time, host.Services.GetFakeLogCollector(), new(url));
    }

    /// <summary>A table store on Azurite with tables of its own.</summary>
    public static async Task<TableSessionStore> NewTableStoreAsync(OperationCounter? counter = null) =>
        new(await Azurite.NewTableAsync(counter?.Options()), await Azurite.NewTableAsync(counter?.Options()),
            await Azurite.NewTableAsync(counter?.Options()));

    public Browser NewBrowser() => new(Url);

    public Game NewGame(string address = "127.0.0.1") => new(Url, address: address);

    /// <summary>Stops it as the platform does: no new request, and those in flight are waited for.</summary>
    public Task StopAsync() => _host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        foreach (var emulator in _emulators)
            await emulator.DisposeAsync();
    }

    /// <summary>No test may reach beyond this machine.</summary>
    private sealed class LoopbackOnly(HttpMessageHandler connections) : DelegatingHandler(connections)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            request.RequestUri!.IsLoopback
                ? base.SendAsync(request, cancellationToken)
                : throw new InvalidOperationException($"A test called {request.RequestUri.Host}.");
    }
}
