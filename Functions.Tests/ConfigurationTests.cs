using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using TokenBroker.Secrets;
using TokenBroker.Storage;

namespace TokenBroker.Tests;

public sealed class ConfigurationTests
{
    private static readonly Dictionary<string, string?> Good = new()
    {
        ["Broker:PublicUrl"] = "https://broker.example.com",
        ["Broker:ProtectionKey"] = Convert.ToBase64String(new byte[32]),
        ["Apps:lifescope:ClientId"] = "id",
        ["Apps:lifescope:ClientSecret"] = "secret",
        ["SessionStorage"] = "UseDevelopmentStorage=true",
    };

    [Fact]
    public void A_local_configuration_starts() => Assert.IsType<ConfigurationSecrets>(Build(Good).GetRequiredService<ISecrets>());

    [Fact]
    public void A_deployed_configuration_uses_the_vault_and_identity_based_storage()
    {
        var services = Build(Deployed());
        Assert.IsType<VaultSecrets>(services.GetRequiredService<ISecrets>());
        Assert.IsType<TableSessionStore>(services.GetRequiredService<ISessionStore>());
    }

    [Theory]
    [InlineData("Broker:PublicUrl", null, "Broker__PublicUrl is missing: an absolute URL such as")]
    [InlineData("Broker:PublicUrl", "http://broker.example.com", "Broker__PublicUrl must be https")]
    [InlineData("Broker:PublicUrl", "broker.example.com", "Broker__PublicUrl must be an absolute URL")]
    [InlineData("Broker:PublicUrl", "https://broker.example.com/?a=b", "Broker__PublicUrl must not have a query.")]
    [InlineData("Broker:ProtectionKey", null, "Broker__ProtectionKey is missing")]
    [InlineData("Broker:ProtectionKey", "c2hvcnQ=", "Broker__ProtectionKey must be 32 bytes in base64.")]
    [InlineData("Apps:lifescope:ClientSecret", null, "Apps__lifescope__ClientSecret is missing")]
    [InlineData("SessionStorage", null, "SessionStorage is missing")]
    [InlineData("SessionStorage", "nonsense", "SessionStorage is no storage connection string.")]
    [InlineData("SessionStorage:tableServiceUri", "http://example.com", "SessionStorage__tableServiceUri must be https")]
    [InlineData("KeyVault:Uri", "https://vault.example.com", "Apps__lifescope__ClientSecret is for local runs only")]
    [InlineData("WEBSITE_SITE_NAME", "deployed", "KeyVault__Uri is missing")]
    public void Bad_configuration_stops_the_start_and_is_named_by_its_key(string key, string? value, string message)
    {
        var settings = new Dictionary<string, string?>(Good) { [key] = value };
        Assert.StartsWith(message, Assert.Throws<ConfigurationException>(() => Build(settings)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_protection_key_beside_a_vault_is_refused()
    {
        var settings = Deployed();
        settings["Broker:ProtectionKey"] = Convert.ToBase64String(new byte[32]);
        Assert.StartsWith("Broker__ProtectionKey is for local runs only",
            Assert.Throws<ConfigurationException>(() => Build(settings)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_sample_settings_hold_every_needed_key_and_no_secret()
    {
        using var sample = System.Text.Json.JsonDocument.Parse(
            File.ReadAllText(Infrastructure.Repository.File("local.settings.sample.json")));
        var values = sample.RootElement.GetProperty("Values").EnumerateObject()
            .ToDictionary(value => value.Name.Replace("__", ":", StringComparison.Ordinal), value => (string?)value.Value.GetString());
        Assert.Equal("dotnet-isolated", values["FUNCTIONS_WORKER_RUNTIME"]);
        foreach (var placeholder in values.Where(value => value.Value!.StartsWith('<')).Select(value => value.Key).ToList())
            values[placeholder] = placeholder.EndsWith("ProtectionKey", StringComparison.Ordinal)
                ? Good["Broker:ProtectionKey"]
                : "filled-in";
        Assert.Contains("filled-in", values.Values);
        Build(values);
    }

    private static Dictionary<string, string?> Deployed() => new()
    {
        ["WEBSITE_SITE_NAME"] = "deployed",
        ["Broker:PublicUrl"] = "https://broker.example.com",
        ["Apps:lifescope:ClientId"] = "id",
        ["KeyVault:Uri"] = "https://vault.example.com",
        ["SessionStorage:tableServiceUri"] = "https://account.table.example.com",
    };

    private static IServiceProvider Build(Dictionary<string, string?> settings)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        foreach (var (key, value) in settings)
            builder.Configuration[key] = value;
        return builder.AddTokenBroker().Build().Services;
    }
}
