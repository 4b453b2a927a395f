namespace TokenBroker.SignIns;

/// <summary>
/// Tokens that this instance refuses without asking the provider: refresh tokens that were revoked here, for providers that cannot revoke
/// (docs/decisions/0008), and what the provider itself has just refused. It lasts as long as the instance's memory.
/// </summary>
public sealed class RefusedTokens(TimeProvider time) : IDisposable
{
    private static readonly TimeSpan MemoryOfRevoked = TimeSpan.FromDays(1);
    private static readonly TimeSpan MemoryOfRefused = TimeSpan.FromMinutes(1);
    private readonly ExpiringSet _revoked = new(time);
    private readonly ExpiringSet _refused = new(time);
    private readonly ExpiringSet _confirmed = new(time);

    /// <inheritdoc/>
    public void Dispose()
    {
        _revoked.Dispose();
        _refused.Dispose();
        _confirmed.Dispose();
    }

    /// <summary>Remembers the provider's refresh token behind a sealed one, so that every sealed form of it is refused.</summary>
    internal void RememberRevoked(Registration registration, string token) => _revoked.TryAdd(Key(registration, token), MemoryOfRevoked);

    /// <summary>Whether it was revoked here within the last day.</summary>
    internal bool WasRevoked(Registration registration, string token) => _revoked.Contains(Key(registration, token));

    /// <summary>Remembers a token whose revocation the provider has just confirmed, so that it is not asked again.</summary>
    internal void RememberConfirmed(Registration registration, string token) =>
        _confirmed.TryAdd(Key(registration, token), MemoryOfRefused);

    /// <summary>Whether the provider confirmed its revocation within the last minute.</summary>
    internal bool WasConfirmed(Registration registration, string token) => _confirmed.Contains(Key(registration, token));

    /// <summary>Remembers a token that the provider has just refused.</summary>
    internal void RememberRefused(Registration registration, string token) => _refused.TryAdd(Key(registration, token), MemoryOfRefused);

    /// <summary>Whether the provider refused it within the last minute.</summary>
    internal bool WasRefused(Registration registration, string token) => _refused.Contains(Key(registration, token));

    private static string Key(Registration registration, string token) => $"{registration.Id} {token}";
}
