namespace TokenBroker.Secrets;

/// <summary>
/// Secrets from configuration: for local runs only. Registration refuses it where a vault is configured or the app is deployed.
/// </summary>
internal sealed class ConfigurationSecrets : ISecrets
{
    public const string ProtectionKeyName = "Broker:ProtectionKey";
    public const string SigningKeyName = "Broker:IdTokenSigningKey";
    private readonly SigningKeyRing _signingKeys;
    private readonly Dictionary<string, string> _clientSecrets;
    private readonly KeyRing _keys;

    /// <exception cref="ConfigurationException">A secret is missing or the protection key is not 32 bytes of base64.</exception>
    public ConfigurationSecrets(IConfiguration configuration, AppCatalog apps)
    {
        var problems = new ConfigurationProblems();
        _keys = problems.Try(() => ReadProtectionKey(configuration));
        _signingKeys = problems.Try(() => ReadSigningKey(configuration));
        _clientSecrets = apps.Registrations.Where(registration => registration.HasCredential).ToDictionary(
            registration => registration.Id, registration => problems.Try(() => ReadCredential(configuration, registration)));
        problems.ThrowIfAny();
    }

    public static string KeyOf(Registration registration) =>
        $"{registration.SectionPath}:{(registration.Signs ? AppSettings.ClientKey : AppSettings.ClientSecret)}";

    public ValueTask<string> ClientSecretAsync(Registration registration, CancellationToken cancellation) =>
        new(_clientSecrets[registration.Id]);

    // There is no vault to read again.
    public Task<string?> RereadClientSecretAsync(Registration registration, string refused, CancellationToken cancellation) =>
        Task.FromResult<string?>(null);

    public ValueTask<KeyRing> ProtectionKeysAsync(CancellationToken cancellation) => new(_keys);

    public ValueTask<SigningKeyRing> SigningKeysAsync(CancellationToken cancellation) => new(_signingKeys);

    public Task<bool> RefreshAsync(CancellationToken cancellation) => Task.FromResult(true);

    /// <summary>A client's secret; or its key, if it is one that its provider takes.</summary>
    /// <exception cref="ConfigurationException">The key is none, or does not fit the algorithm.</exception>
    public static string Checked(Registration registration, string credential, string name)
    {
        var algorithm = registration.Provider.ClientAssertion?.Algorithm;
        var isGood = !registration.Signs || SigningKey.FromPem(credential)?.Fits(algorithm!) == true;
        return isGood
            ? credential
            : throw new ConfigurationException(
                name, $"is no private key in PEM that fits {algorithm}, RSA of at least 2048 bits or P-256.");
    }

    private static KeyRing ReadProtectionKey(IConfiguration configuration)
    {
        var text = configuration[ProtectionKeyName] is { Length: > 0 } given ? given : throw Missing(ProtectionKeyName);
        var key = ProtectionKey.TryParse(text) ?? throw new ConfigurationException(ProtectionKeyName, "must be 32 bytes in base64.");
        return new([(key, DateTimeOffset.MinValue)]);
    }

    private static SigningKeyRing ReadSigningKey(IConfiguration configuration) => configuration[SigningKeyName] is { Length: > 0 } pem
        ? new([(SigningKey.FromPem(pem) ?? throw NoSigningKey(SigningKeyName), DateTimeOffset.UnixEpoch)])
        : SigningKeyRing.None;

    private static string ReadCredential(IConfiguration configuration, Registration registration)
    {
        var name = KeyOf(registration);
        return configuration[name] is { Length: > 0 } credential ? Checked(registration, credential, name) : throw Missing(name);
    }

    /// <summary>A text that is no key to sign ID tokens with.</summary>
    public static ConfigurationException NoSigningKey(string name) =>
        new(name, $"is no key: RSA of at least {SigningKey.MinRsaBits} bits or P-256, as a private key in PEM.");

    private static ConfigurationException Missing(string key) =>
        new(key, "is missing, and so is KeyVault__Uri: one of them must hold the secret.");
}
