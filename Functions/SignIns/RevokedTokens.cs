using Microsoft.Extensions.Caching.Memory;

namespace TokenBroker.SignIns;

/// <summary>
/// The refresh tokens that were revoked at this instance. A provider that revokes refuses them for good; this is for the others, and
/// lasts as long as the instance's memory (docs/decisions/0008).
/// </summary>
public sealed class RevokedTokens : IDisposable
{
    /// <summary>How many are remembered: 32 bytes of each, and what the cache adds.</summary>
    private const int MaxTokens = 100_000;

    /// <summary>How long one is remembered.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromDays(1);

    private readonly MemoryCache _tokens = new(new MemoryCacheOptions { SizeLimit = MaxTokens });

    /// <inheritdoc/>
    public void Dispose() => _tokens.Dispose();

    /// <summary>Remembers the provider's refresh token behind a sealed one, so that every sealed form of it is refused.</summary>
    internal void Add(App app, string refreshToken) =>
        _tokens.Set(Key(app, refreshToken), true, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = Memory });

    /// <summary>Whether it was revoked here.</summary>
    internal bool Contains(App app, string refreshToken) => _tokens.TryGetValue(Key(app, refreshToken), out _);

    private static string Key(App app, string refreshToken)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(refreshToken));
        return $"{app.Name} {Convert.ToHexString(hash)}";
    }
}
