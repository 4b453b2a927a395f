using TokenBroker.Crypto;
using TokenBroker.Local.Emulators;
using TokenBroker.SignIns;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Hostile;

public sealed class ProviderCallTests : ProviderCallContract
{
    private Broker _broker = null!;

    internal override EmulatedProvider Aura => _broker.Emulator("aura");

    internal override ProtectionKey Key { get; } = ProtectionKey.TryParse(Convert.ToBase64String(Broker.ProtectionKey))!;

    internal override async Task StartAsync(string app, string revocationEndpoint) => _broker = await Broker.StartAsync(
        await Broker.NewTableStoreAsync(), new() { [$"Apps:{app}:RevocationEndpoint"] = revocationEndpoint });

    internal override async Task StopAsync() => await _broker.DisposeAsync();

    [Fact]
    public async Task After_a_minute_a_provider_is_asked_again()
    {
        using var game = NewGame("127.0.0.66");
        await game.UserInfoAsync("aura", "junk");
        _broker.Time.Advance(TimeSpan.FromSeconds(59));
        await game.UserInfoAsync("aura", "junk");
        Assert.Equal(1, Aura.Calls);
        _broker.Time.Advance(TimeSpan.FromSeconds(1));
        await game.UserInfoAsync("aura", "junk");
        Assert.Equal(2, Aura.Calls);
    }

    [Fact]
    public async Task A_provider_in_trouble_counts_against_nobody()
    {
        Aura.Misbehaviour = http =>
        {
            http.Response.StatusCode = 503;
            return Task.CompletedTask;
        };
        using var game = NewGame("127.0.0.66");
        var token = new SealedRefreshToken("aura", [], "alive").Seal(Key);
        for (var number = 0; number < 40; number++)
            Assert.Equal(502, (await game.RefreshAsync("aura", token)).Status);
    }

    internal override Browser NewBrowser() => _broker.NewBrowser();

    internal override Game NewGame(string address) => _broker.NewGame(address);
}
