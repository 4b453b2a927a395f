using Microsoft.Extensions.Caching.Memory;

namespace TokenBroker.SignIns;

/// <summary>
/// Texts that are remembered for a while, in this process's memory and as hashes. At most 100,000, some 20 MB; while it is full,
/// new ones are not remembered.
/// </summary>
internal sealed class ExpiringSet(TimeProvider time) : IDisposable
{
    private const int MaxCount = 100_000;

    private readonly Lock _lock = new();
    private readonly MemoryCache _until = new(new MemoryCacheOptions { SizeLimit = MaxCount });

    public void Dispose() => _until.Dispose();

    /// <summary>Remembers a text.</summary>
    /// <returns>False when it was remembered already.</returns>
    public bool TryAdd(string text, TimeSpan memory)
    {
        var key = Hash(text);
        lock (_lock)
        {
            if (Has(key))
                return false;
            // The cache knows no other clock than the machine's: it clears up, and the time inside decides.
            var options = new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = memory };
            _until.Set(key, time.GetUtcNow() + memory, options);
            return true;
        }
    }

    /// <summary>Whether a text is remembered.</summary>
    public bool Contains(string text) => Has(Hash(text));

    private bool Has(string key) => _until.TryGetValue(key, out DateTimeOffset until) && time.GetUtcNow() < until;

    private static string Hash(string text) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
