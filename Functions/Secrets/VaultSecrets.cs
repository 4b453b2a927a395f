using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Azure;
using Azure.Identity;
using Azure.Security.KeyVault.Secrets;

namespace TokenBroker.Secrets;

/// <summary>
/// Secrets from Key Vault: <c>{app}-client-secret</c> (with several registrations <c>{app}-{provider}-client-secret</c>) and
/// <c>token-protection-key</c>. Each is read once, then again in the
/// background; a value once read stays good while the vault is down.
/// </summary>
internal sealed partial class VaultSecrets(SecretClient vault, AppCatalog apps, ILogger<VaultSecrets> logger) : ISecrets
{
    public const string ProtectionKeyName = "token-protection-key";
    public const string SigningKeyName = "id-token-signing-key";

    /// <summary>
    /// How many versions of the protection key are kept: those rotated out longer ago must be disabled in the vault anyway.
    /// </summary>
    private const int MaxVersions = 10;

    private readonly ConcurrentDictionary<string, string> _clientSecrets = new();
    private readonly ConcurrentDictionary<string, Lazy<Task>> _reading = new();
    private volatile KeyRing? _keys;
    private volatile SigningKeyRing? _signingKeys;

    public static string NameOf(Registration registration) => $"{registration.Id}-client-{(registration.Signs ? "key" : "secret")}";

    public async ValueTask<string> ClientSecretAsync(Registration registration, CancellationToken cancellation)
    {
        bool HasRead() => _clientSecrets.ContainsKey(registration.Id);
        if (!HasRead())
            await ReadOnceAsync(NameOf(registration), HasRead, () => ReadClientSecretAsync(registration, CancellationToken.None),
                cancellation);
        return _clientSecrets[registration.Id];
    }

    public async ValueTask<KeyRing> ProtectionKeysAsync(CancellationToken cancellation)
    {
        if (_keys is null)
            await ReadOnceAsync(ProtectionKeyName, () => _keys is not null, () => ReadKeysAsync(CancellationToken.None), cancellation);
        return _keys!;
    }

    public async ValueTask<SigningKeyRing> SigningKeysAsync(CancellationToken cancellation)
    {
        if (_signingKeys is null)
            await ReadOnceAsync(SigningKeyName, () => _signingKeys is not null, () => ReadSigningKeysAsync(CancellationToken.None),
                cancellation);
        return _signingKeys!;
    }

    public async Task<string?> RereadClientSecretAsync(Registration registration, string refused, CancellationToken cancellation)
    {
        bool HasAnother() => _clientSecrets.TryGetValue(registration.Id, out var secret) && secret != refused;
        try
        {
            await ReadOnceAsync(NameOf(registration), HasAnother, () => ReadClientSecretAsync(registration, CancellationToken.None),
                cancellation);
        }
        catch (SecretUnavailableException exception)
        {
            Log.ReadFailed(logger, NameOf(registration), ReasonOf(exception.InnerException ?? exception), Check(exception.InnerException));
        }
        return HasAnother() ? _clientSecrets[registration.Id] : null;
    }

    public async Task<bool> RefreshAsync(CancellationToken cancellation)
    {
        var reads = apps.Registrations.Where(registration => registration.HasCredential).Select(registration => TryReadAsync(NameOf(
            registration),
            () => ReadClientSecretAsync(registration, cancellation)))
            .Append(TryReadAsync(ProtectionKeyName, () => ReadKeysAsync(cancellation)))
            .Append(TryReadAsync(SigningKeyName, () => ReadSigningKeysAsync(cancellation)));
        return (await Task.WhenAll(reads)).All(read => read);
    }

    /// <summary>Reads unless that has been done; whoever comes meanwhile waits for the same read, not for one of its own.</summary>
    private async Task ReadOnceAsync(string name, Func<bool> isDone, Func<Task> read, CancellationToken cancellation)
    {
        if (isDone())
            return;
        var reading = _reading.GetOrAdd(name, _ => new(read)).Value;
        try
        {
            await reading.WaitAsync(cancellation);
        }
        catch (Exception exception) when (IsTrouble(exception) && !cancellation.IsCancellationRequested)
        {
            throw new SecretUnavailableException(name, exception);
        }
        finally
        {
            if (reading.IsCompleted)
                _reading.TryRemove(name, out _);
        }
    }

    private async Task<bool> TryReadAsync(string name, Func<Task> read)
    {
        try
        {
            await read();
            return true;
        }
        catch (Exception exception) when (IsTrouble(exception))
        {
            Log.ReadFailed(logger, name, ReasonOf(exception), Check(exception));
            return false;
        }
    }

    private async Task ReadClientSecretAsync(Registration registration, CancellationToken cancellation)
    {
        var secret = await vault.GetSecretAsync(NameOf(registration), null, cancellation);
        try
        {
            _clientSecrets[registration.Id] = ConfigurationSecrets.Checked(registration, secret.Value.Value, NameOf(registration));
        }
        catch (ConfigurationException) when (_clientSecrets.ContainsKey(registration.Id))
        {
            // A key that is none stops the start; later, the one that was read before stays.
            Log.NoKey(logger, NameOf(registration), secret.Value.Properties.Version);
        }
    }

    private async Task ReadKeysAsync(CancellationToken cancellation)
    {
        var keys = new List<(ProtectionKey, DateTimeOffset)>();
        await foreach (var (text, version) in ReadVersionsAsync(ProtectionKeyName, cancellation))
        {
            // One mistyped version must not keep the others from working.
            if (ProtectionKey.TryParse(text) is { } key)
                keys.Add((key, version.CreatedOn ?? DateTimeOffset.MinValue));
            else
                Log.NoKey(logger, ProtectionKeyName, version.Version);
        }
        _keys = keys.Count > 0 ? new(keys) : throw new SecretUnavailableException(ProtectionKeyName);
    }

    /// <summary>A version that is no key stops the start, and later is left out; a vault without the secret makes no ID tokens.</summary>
    private async Task ReadSigningKeysAsync(CancellationToken cancellation)
    {
        var keys = new List<(SigningKey, DateTimeOffset)>();
        try
        {
            await foreach (var (text, version) in ReadVersionsAsync(SigningKeyName, cancellation))
            {
                if (SigningKey.FromPem(text) is { } key)
                    keys.Add((key, version.CreatedOn ?? DateTimeOffset.UnixEpoch));
                else if (_signingKeys is null)
                    throw ConfigurationSecrets.NoSigningKey($"{SigningKeyName}, version {version.Version},");
                else
                    Log.NoKey(logger, SigningKeyName, version.Version);
            }
        }
        catch (RequestFailedException exception) when (exception.Status == (int)HttpStatusCode.NotFound && keys.Count == 0)
        {
            // There is no such secret.
        }
        // What has signed tokens that are still good does not vanish because the vault says so for once.
        if (keys.Count == 0 && _signingKeys is { IsEmpty: false })
            throw new SecretUnavailableException(SigningKeyName);
        _signingKeys = new(keys);
    }

    private async IAsyncEnumerable<(string Text, SecretProperties Version)> ReadVersionsAsync(
        string name, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var versions = new List<SecretProperties>();
        await foreach (var version in vault.GetPropertiesOfSecretVersionsAsync(name, cancellation))
        {
            if (version.Enabled ?? true)
                versions.Add(version);
        }
        foreach (var version in versions.OrderByDescending(version => version.CreatedOn).Take(MaxVersions))
        {
            var secret = await vault.GetSecretAsync(name, version.Version, cancellation);
            yield return (secret.Value.Value, version);
        }
    }

    private static bool IsTrouble(Exception exception) => exception
        is RequestFailedException or AuthenticationFailedException or SecretUnavailableException
        or AggregateException or TaskCanceledException;

    /// <summary>What the vault answered: its messages hold more than a log should.</summary>
    private static string ReasonOf(Exception exception) => exception is RequestFailedException failed
        ? $"HTTP {failed.Status} {failed.ErrorCode}".TrimEnd()
        : exception.GetType().Name;

    private static string Check(Exception? exception) => exception switch
    {
        RequestFailedException { Status: 403 } => "The app's identity needs the role Key Vault Secrets User on the vault.",
        RequestFailedException { Status: 404 } => "It is not in the vault: see docs/operations.md.",
        AuthenticationFailedException => "The app has no identity that the vault knows.",
        _ => "Check KeyVault__Uri, and the network between.",
    };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Secret {Name} could not be read: {Reason}. {Check}")]
        public static partial void ReadFailed(ILogger logger, string name, string reason, string check);

        [LoggerMessage(2, LogLevel.Error, "Version {Version} of {Name} is no key and is left out")]
        public static partial void NoKey(ILogger logger, string name, string version);
    }
}
