using TokenBroker.Crypto;
using TokenBroker.Local.Emulators;
using TokenBroker.Tests.Hostile;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.RealWorker;

public sealed class ProviderCallTests : ProviderCallContract
{
    /// <summary>Its own, since all workers count in the same table.</summary>
    private readonly string _network = $"10.{Random.Shared.Next(256)}.{Random.Shared.Next(256)}";

    private WorkerHost _broker = null!;

    internal override EmulatedProvider Aura => _broker.Emulator("aura");

    internal override ProtectionKey Key { get; } = ProtectionKey.TryParse(Convert.ToBase64String(Broker.ProtectionKey))!;

    internal override async Task StartAsync(string app, string revocationEndpoint) => _broker = await WorkerHost.StartAsync(
        ($"Apps__{app}__RevocationEndpoint", revocationEndpoint));

    internal override async Task StopAsync() => await _broker.DisposeAsync();

    internal override Browser NewBrowser()
    {
        var browser = _broker.NewBrowser();
        browser.Headers.Add("X-Test-Peer", $"{_network}.1");
        return browser;
    }

    internal override Game NewGame(string address) => _broker.NewGame($"{_network}.{address.Split('.')[^1]}");
}
