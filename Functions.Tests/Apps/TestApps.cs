using Microsoft.Extensions.Configuration;
using TokenBroker.Apps;
using TokenBroker.Providers;

namespace TokenBroker.Tests.Apps;

/// <summary>App catalogues from settings.</summary>
internal static class TestApps
{
    public static AppCatalog LifeScope() => From(("Apps:lifescope:ClientId", "id"));

    public static AppCatalog From(params (string Key, string Value)[] settings) => AppCatalog.From(
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(pair => pair.Key, pair => (string?)pair.Value)).Build(),
        ProviderCatalog.Embedded());
}
