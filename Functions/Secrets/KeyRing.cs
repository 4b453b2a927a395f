namespace TokenBroker.Secrets;

/// <summary>The versions of the protection key that still open what they protected.</summary>
public sealed class KeyRing
{
    /// <summary>How long a new version waits before it protects anything, so that every instance has read it by then.</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromMinutes(15);

    /// <summary>How long around the present a grant's key may be another than the current one: a session's lifetime, and clock skew.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(10);

    private readonly List<Version> _keys = [];
    private readonly ProtectionKey[]? _only;

    /// <summary>A ring of versions.</summary>
    /// <param name="versions">Each version with the time it was made; at least one.</param>
    internal KeyRing(IEnumerable<(ProtectionKey Key, DateTimeOffset CreatedAt)> versions)
    {
        foreach (var (key, createdAt) in versions)
            _keys.Add(new(key, createdAt + Delay));
        _keys.Sort((one, other) => one.ActiveFrom.CompareTo(other.ActiveFrom));
        // The oldest has nothing before it to wait behind.
        _keys[0] = new(_keys[0].Key, DateTimeOffset.MinValue);
        _only = _keys.Count == 1 ? [_keys[0].Key] : null;
    }

    /// <summary>The version that protects at a time.</summary>
    /// <param name="now">The time.</param>
    /// <returns>The newest version that is active.</returns>
    internal ProtectionKey Current(DateTimeOffset now)
    {
        var newest = _keys.Count - 1;
        while (_keys[newest].ActiveFrom > now)
            newest--;
        return _keys[newest].Key;
    }

    /// <summary>The versions under which a grant of an unexpired session may be stored, the likeliest first: one, but around a rotation.</summary>
    /// <param name="now">The present.</param>
    /// <returns>One to three versions.</returns>
    internal IReadOnlyList<ProtectionKey> ForGrants(DateTimeOffset now) =>
        _only ?? [.. new[] { Current(now), Current(now - Margin), Current(now + Margin) }.Distinct()];

    /// <summary>The version with an id.</summary>
    /// <param name="id">The id.</param>
    /// <returns>The version; null when it is unknown or retired.</returns>
    internal ProtectionKey? Find(string id) => _keys.Select(version => version.Key).FirstOrDefault(key => key.Id == id);

    private sealed class Version(ProtectionKey key, DateTimeOffset activeFrom)
    {
        public ProtectionKey Key => key;

        public DateTimeOffset ActiveFrom => activeFrom;
    }
}
