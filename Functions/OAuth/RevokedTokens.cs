using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Caching.Memory;
using TokenBroker.Apps;

namespace TokenBroker.OAuth;

/// <summary>
/// The refresh tokens that were revoked at this instance. Where the provider revokes, it refuses them for good; this is for those that
/// cannot, and reaches as far as one instance's memory does (docs/decisions/0008).
/// </summary>
public sealed class RevokedTokens : IDisposable
{
    /// <summary>How many are remembered: 32 bytes of each, and what the cache adds.</summary>
    private const int Most = 100_000;

    /// <summary>How long one is remembered.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromDays(1);

    private readonly MemoryCache _tokens = new(new MemoryCacheOptions { SizeLimit = Most });

    /// <inheritdoc/>
    public void Dispose() => _tokens.Dispose();

    /// <summary>Remembers the provider's refresh token behind a sealed one, so that every sealed form of it is refused.</summary>
    internal void Add(App app, string refreshToken) =>
        _tokens.Set(Key(app, refreshToken), true, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = Memory });

    /// <summary>Whether it was revoked here.</summary>
    internal bool Contains(App app, string refreshToken) => _tokens.TryGetValue(Key(app, refreshToken), out _);

    private static string Key(App app, string refreshToken) => $"{app.Name} {Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(refreshToken)))}";
}
