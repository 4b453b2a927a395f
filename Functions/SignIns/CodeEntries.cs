namespace TokenBroker.SignIns;

/// <summary>Code entries, found by a code under whichever version of the protection key they were stored.</summary>
public sealed class CodeEntries(ISessionStore store, ISecrets secrets, TimeProvider time)
{
    /// <summary>Finds the entry of a code: 1 read, but up to 3 around a rotation of the protection key.</summary>
    /// <param name="code">The code that decides where the entry is stored.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The entry, still sealed; null when there is none that has not expired.</returns>
    internal async Task<FoundEntry?> FindAsync(string code, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var keys = await secrets.ProtectionKeysAsync(cancellation);
        foreach (var key in keys.Candidates(now))
        {
            var entry = await store.FindEntryAsync(key.RowKeyOf(code), cancellation);
            if (entry is not null)
                return now < entry.ExpiresAt ? new(entry, key) : null;
        }
        return null;
    }

    /// <summary>Seals content for a code's entry.</summary>
    /// <param name="code">The code that decides where the entry is stored.</param>
    /// <param name="secret">What opens the content, together with the key: the code itself, or a device's secret.</param>
    /// <param name="content">The content.</param>
    /// <param name="key">The current protection key.</param>
    /// <param name="expiresAt">When the session ends.</param>
    /// <returns>The entry, to be stored.</returns>
    internal static CodeEntry Seal(string code, string secret, byte[] content, ProtectionKey key, DateTimeOffset expiresAt)
    {
        var rowKey = key.RowKeyOf(code);
        return new(rowKey, AuthenticatedEncryption.Seal(key.ContentKeyOf(secret), content, rowKey), expiresAt);
    }

    /// <summary>An entry, and the key that it was sealed under.</summary>
    internal sealed record FoundEntry(CodeEntry Entry, ProtectionKey Key)
    {
        /// <summary>Opens the content; null when it was sealed under another secret.</summary>
        public byte[]? Open(string secret) =>
            AuthenticatedEncryption.Open(Key.ContentKeyOf(secret), Entry.SealedContent.Span, Entry.RowKey);
    }
}
