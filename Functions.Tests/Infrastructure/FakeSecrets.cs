using TokenBroker.Apps;
using TokenBroker.Crypto;
using TokenBroker.Secrets;

namespace TokenBroker.Tests.Infrastructure;

/// <summary>Secrets that a test takes away and rotates, as a vault would.</summary>
internal sealed class FakeSecrets : ISecrets
{
    private readonly KeyRing _keys = new([(ProtectionKey.New(), DateTimeOffset.MinValue)]);

    /// <summary>The client secret; null while the vault is down.</summary>
    public string? ClientSecret { get; set; }

    /// <summary>Whether the protection key has been read.</summary>
    public bool HasKeys { get; set; } = true;

    /// <summary>What reading again brings; null for nothing else.</summary>
    public string? Rotated { get; set; }

    public ValueTask<string> ClientSecretAsync(Registration registration, CancellationToken cancellation) =>
        ClientSecret is { } secret ? new(secret) : throw new SecretUnavailableException("any");

    public Task<string?> RereadClientSecretAsync(Registration registration, string refused, CancellationToken cancellation) =>
        Task.FromResult(Rotated);

    public ValueTask<KeyRing> ProtectionKeysAsync(CancellationToken cancellation) =>
        HasKeys ? new(_keys) : throw new SecretUnavailableException("any");

    public ValueTask<SigningKeyRing> SigningKeysAsync(CancellationToken cancellation) => new(SigningKeyRing.None);

    public Task<bool> RefreshAsync(CancellationToken cancellation) => Task.FromResult(true);
}
