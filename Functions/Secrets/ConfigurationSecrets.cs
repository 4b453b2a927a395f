namespace TokenBroker.Secrets;

/// <summary>
/// Secrets from configuration: for local runs only. Registration refuses it where a vault is configured or the app is deployed.
/// </summary>
internal sealed class ConfigurationSecrets : ISecrets
{
    public const string ProtectionKeyName = "Broker:ProtectionKey";
    private readonly Dictionary<string, string> _clientSecrets;
    private readonly KeyRing _keys;

    /// <exception cref="ConfigurationException">A secret is missing or the protection key is not 32 bytes of base64.</exception>
    public ConfigurationSecrets(IConfiguration configuration, AppCatalog apps)
    {
        var text = configuration[ProtectionKeyName] is { Length: > 0 } given ? given : throw Missing(ProtectionKeyName);
        var key = ProtectionKey.TryParse(text) ?? throw new ConfigurationException(ProtectionKeyName, "must be 32 bytes in base64.");
        _keys = new([(key, DateTimeOffset.MinValue)]);
        _clientSecrets = apps.Registrations.ToDictionary(registration => registration.Id, registration =>
            configuration[KeyOf(registration)] is { Length: > 0 } secret ? secret : throw Missing(KeyOf(registration)));
    }

    public static string KeyOf(Registration registration) => $"{registration.SectionPath}:{AppSettings.ClientSecret}";

    public ValueTask<string> ClientSecretAsync(Registration registration, CancellationToken cancellation) =>
        new(_clientSecrets[registration.Id]);

    // There is no vault to read again.
    public Task<string?> RereadClientSecretAsync(Registration registration, string refused, CancellationToken cancellation) =>
        Task.FromResult<string?>(null);

    public ValueTask<KeyRing> ProtectionKeysAsync(CancellationToken cancellation) => new(_keys);

    public Task<bool> RefreshAsync(CancellationToken cancellation) => Task.FromResult(true);

    private static ConfigurationException Missing(string key) =>
        new(key, "is missing, and so is KeyVault__Uri: one of them must hold the secret.");
}
