using Azure;
using Azure.Security.KeyVault.Secrets;
using Microsoft.Extensions.Logging.Abstractions;
using Moq;
using TokenBroker.Apps;
using TokenBroker.Crypto;
using TokenBroker.Secrets;
using TokenBroker.Tests.Apps;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Secrets;

/// <summary>Key Vault cannot be had here, so its client is mocked.</summary>
public sealed class VaultSecretsTests
{
    private static readonly AppCatalog Apps = TestApps.LifeScope();
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private readonly FakeVault _vault = new();

    private static Registration LifeScope => Apps.Registrations.Single();

    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task A_client_key_that_is_none_stops_the_start_and_later_leaves_the_one_before()
    {
        var apps = TestApps.From(("Apps:riot:ClientId", "id"), ("Apps:riot:ClientKeyId", "key"), ("Apps:riot:Scopes:0", "openid"));
        var registration = apps.Registrations.Single();
        _vault.Set("riot-client-key", "no key");
        _vault.Set(VaultSecrets.ProtectionKeyName, NewKey());
        var secrets = NewSecrets(apps);
        await Assert.ThrowsAsync<ConfigurationException>(() => secrets.RefreshAsync(None));

        _vault.Set("riot-client-key", TestKeys.Rsa);
        Assert.True(await secrets.RefreshAsync(None));
        _vault.Set("riot-client-key", "no key");
        Assert.True(await secrets.RefreshAsync(None));
        Assert.Equal(TestKeys.Rsa, await secrets.ClientSecretAsync(registration, None));
    }

    [Fact]
    public async Task A_secret_is_read_once()
    {
        _vault.Set("lifescope-client-secret", "one");
        var secrets = NewSecrets();
        var read = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => secrets.ClientSecretAsync(LifeScope, None).AsTask()));
        Assert.All(read, secret => Assert.Equal("one", secret));
        Assert.Equal(1, _vault.Reads);
    }

    [Fact]
    public async Task A_refresh_brings_a_new_value_and_a_vault_that_is_down_leaves_the_old_one()
    {
        _vault.Set("lifescope-client-secret", "one");
        _vault.Set(VaultSecrets.ProtectionKeyName, NewKey());
        var secrets = NewSecrets();
        Assert.True(await secrets.RefreshAsync(None));
        _vault.Set("lifescope-client-secret", "two");
        Assert.True(await secrets.RefreshAsync(None));
        Assert.Equal("two", await secrets.ClientSecretAsync(LifeScope, None));

        _vault.IsDown = true;

        Assert.False(await secrets.RefreshAsync(None));
        Assert.Equal("two", await secrets.ClientSecretAsync(LifeScope, None));
        Assert.NotNull(await secrets.ProtectionKeysAsync(None));
    }

    [Fact]
    public async Task A_vault_that_is_down_from_the_start_is_an_error_until_it_is_up()
    {
        _vault.Set("lifescope-client-secret", "one");
        _vault.IsDown = true;
        var secrets = NewSecrets();
        await Assert.ThrowsAsync<SecretUnavailableException>(() => secrets.ClientSecretAsync(LifeScope, None).AsTask());
        await Assert.ThrowsAsync<SecretUnavailableException>(() => secrets.ProtectionKeysAsync(None).AsTask());
        _vault.IsDown = false;
        Assert.Equal("one", await secrets.ClientSecretAsync(LifeScope, None));
    }

    [Fact]
    public async Task A_refused_secret_is_read_again_once_for_all_who_were_refused()
    {
        _vault.Set("lifescope-client-secret", "one");
        var secrets = NewSecrets();
        await secrets.ClientSecretAsync(LifeScope, None);
        _vault.Set("lifescope-client-secret", "two");

        var another = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => secrets.RereadClientSecretAsync(LifeScope, "one", None)));

        Assert.All(another, secret => Assert.Equal("two", secret));
        Assert.Equal(2, _vault.Reads);
    }

    [Fact]
    public async Task A_refused_secret_that_has_not_changed_has_no_other()
    {
        _vault.Set("lifescope-client-secret", "one");
        var secrets = NewSecrets();
        await secrets.ClientSecretAsync(LifeScope, None);
        Assert.Null(await secrets.RereadClientSecretAsync(LifeScope, "one", None));
        _vault.IsDown = true;
        Assert.Null(await secrets.RereadClientSecretAsync(LifeScope, "one", None));
        Assert.Equal("one", await secrets.ClientSecretAsync(LifeScope, None));
    }

    [Fact]
    public async Task Every_enabled_version_of_the_protection_key_opens_and_the_older_one_protects_at_first()
    {
        var (retired, old, current) = (NewKey(), NewKey(), NewKey());
        _vault.SetVersions((retired, Now.AddYears(-2), false), (old, Now.AddYears(-1), true), (current, Now, true));
        var secrets = NewSecrets();

        var ring = await secrets.ProtectionKeysAsync(None);

        var code = Codes.New();
        Assert.Equal(ProtectionKey.TryParse(old)!.RowKeyOf(code.Text), ring.Current(Now).RowKeyOf(code.Text));
        Assert.Equal(ProtectionKey.TryParse(current)!.RowKeyOf(code.Text), ring.Current(Now + KeyRing.ActivationDelay)
            .RowKeyOf(code.Text));
    }

    [Fact]
    public async Task A_protection_key_of_the_wrong_form_is_an_error()
    {
        _vault.Set(VaultSecrets.ProtectionKeyName, "too short");
        var secrets = NewSecrets();
        await Assert.ThrowsAsync<SecretUnavailableException>(() => secrets.ProtectionKeysAsync(None).AsTask());
    }

    [Fact]
    public async Task A_mistyped_version_of_the_protection_key_leaves_the_others_working()
    {
        var good = NewKey();
        _vault.SetVersions((good, Now.AddYears(-1), true), ("mistyped", Now, true));
        var code = Codes.New();
        var ring = await NewSecrets().ProtectionKeysAsync(None);
        Assert.Equal(ProtectionKey.TryParse(good)!.RowKeyOf(code.Text), ring.Current(Now.AddDays(1)).RowKeyOf(code.Text));
    }

    [Fact]
    public async Task Secrets_are_read_again_in_the_background()
    {
        _vault.Set("lifescope-client-secret", "one");
        _vault.Set(VaultSecrets.ProtectionKeyName, NewKey());
        var secrets = NewSecrets();
        var time = Clock.New();
        using var refresher = new SecretRefresher(secrets, time, NullLogger<SecretRefresher>.Instance);
        await refresher.StartAsync(None);
        await Wait.UntilAsync(() => Task.FromResult(_vault.Reads >= 2));
        _vault.Set("lifescope-client-secret", "two");

        await Wait.UntilAsync(async () =>
        {
            time.Advance(SecretRefresher.Interval);
            return await secrets.ClientSecretAsync(LifeScope, None) == "two";
        });
        await refresher.StopAsync(None);
    }

    private static string NewKey() => Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32));

    private VaultSecrets NewSecrets(AppCatalog? apps = null) => new(_vault.Client, apps ?? Apps, NullLogger<VaultSecrets>.Instance);

    private sealed class FakeVault
    {
        private readonly Dictionary<(string Name, string Version), string> _values = [];
        private readonly List<SecretProperties> _versions = [];

        public FakeVault()
        {
            var client = new Mock<SecretClient>();
            client.Setup(vault => vault.GetSecretAsync(It.IsAny<string>(), It.IsAny<string>(), It.IsAny<CancellationToken>()))
                .Returns((string name, string? version, CancellationToken _) => Task.FromResult(Read(name, version)));
            client.Setup(vault => vault.GetPropertiesOfSecretVersionsAsync(It.IsAny<string>(), It.IsAny<CancellationToken>()))
                .Returns((string name, CancellationToken _) => IsDown ? throw new RequestFailedException(503, "down")
                    : AsyncPageable<SecretProperties>.FromPages(
                        [Page<SecretProperties>.FromValues(
                            name == VaultSecrets.ProtectionKeyName ? [.. _versions] : [], null, Mock.Of<Response>())]));
            Client = client.Object;
        }

        public SecretClient Client { get; }

        public bool IsDown { get; set; }

        public int Reads { get; private set; }

        public void Set(string name, string value)
        {
            _values[(name, "")] = value;
            if (name == VaultSecrets.ProtectionKeyName)
                SetVersions((value, Now.AddDays(-1), true));
        }

        public void SetVersions(params (string Value, DateTimeOffset CreatedOn, bool Enabled)[] versions)
        {
            _versions.Clear();
            foreach (var (value, createdOn, enabled) in versions)
            {
                var id = $"v{_versions.Count}";
                _values[(VaultSecrets.ProtectionKeyName, id)] = value;
                var properties = SecretModelFactory.SecretProperties(
                    name: VaultSecrets.ProtectionKeyName, version: id, createdOn: createdOn);
                properties.Enabled = enabled;
                _versions.Add(properties);
            }
        }

        private Response<KeyVaultSecret> Read(string name, string? version)
        {
            Reads++;
            return IsDown ? throw new RequestFailedException(503, "down")
                : _values.TryGetValue((name, version ?? ""), out var value)
                    ? Response.FromValue(new KeyVaultSecret(name, value), Mock.Of<Response>())
                : throw new RequestFailedException(404, "no such secret");
        }
    }
}
