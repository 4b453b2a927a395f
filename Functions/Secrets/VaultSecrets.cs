using System.Collections.Concurrent;
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

    /// <summary>
    /// How many versions of the protection key are kept: those rotated out longer ago must be disabled in the vault anyway.
    /// </summary>
    private const int MaxVersions = 10;

    private readonly ConcurrentDictionary<string, string> _clientSecrets = new();
    private readonly ConcurrentDictionary<string, Lazy<Task>> _reading = new();
    private volatile KeyRing? _keys;

    public static string NameOf(Registration registration) => $"{registration.Id}-client-secret";

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
            Log.ReadFailed(logger, NameOf(registration), exception.InnerException?.GetType().Name);
        }
        return HasAnother() ? _clientSecrets[registration.Id] : null;
    }

    public async Task<bool> RefreshAsync(CancellationToken cancellation)
    {
        var reads = apps.Registrations.Select(registration => TryReadAsync(NameOf(registration),
            () => ReadClientSecretAsync(registration, cancellation)))
            .Append(TryReadAsync(ProtectionKeyName, () => ReadKeysAsync(cancellation)));
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
            Log.ReadFailed(logger, name, exception.GetType().Name);
            return false;
        }
    }

    private async Task ReadClientSecretAsync(Registration registration, CancellationToken cancellation)
    {
        var secret = await vault.GetSecretAsync(NameOf(registration), null, cancellation);
        _clientSecrets[registration.Id] = secret.Value.Value;
    }

    private async Task ReadKeysAsync(CancellationToken cancellation)
    {
        var versions = new List<SecretProperties>();
        await foreach (var version in vault.GetPropertiesOfSecretVersionsAsync(ProtectionKeyName, cancellation))
        {
            if (version.Enabled ?? true)
                versions.Add(version);
        }

        var keys = new List<(ProtectionKey, DateTimeOffset)>();
        foreach (var version in versions.OrderByDescending(version => version.CreatedOn).Take(MaxVersions))
        {
            var secret = await vault.GetSecretAsync(ProtectionKeyName, version.Version, cancellation);
            // One mistyped version must not keep the others from working.
            if (ProtectionKey.TryParse(secret.Value.Value) is { } key)
                keys.Add((key, version.CreatedOn ?? DateTimeOffset.MinValue));
            else
                Log.NoKey(logger, version.Version);
        }
        _keys = keys.Count > 0 ? new(keys) : throw new SecretUnavailableException(ProtectionKeyName);
    }

    private static bool IsTrouble(Exception exception) => exception
        is RequestFailedException or AuthenticationFailedException or SecretUnavailableException
        or AggregateException or TaskCanceledException;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Secret {Name} could not be read: {Reason}")]
        public static partial void ReadFailed(ILogger logger, string name, string? reason);

        [LoggerMessage(2, LogLevel.Error, "Version {Version} of the protection key is not 32 bytes of base64 and is left out")]
        public static partial void NoKey(ILogger logger, string version);
    }
}
