namespace TokenBroker.Crypto;

/// <summary>The versions of the key that signs ID tokens.</summary>
public sealed class SigningKeyRing
{
    /// <summary>
    /// How long a version is published before it signs: instances read it within five minutes, and whoever checks may keep the published
    /// keys for five more.
    /// </summary>
    public static readonly TimeSpan ActivationDelay = TimeSpan.FromMinutes(15);

    /// <summary>
    /// How long a version stays published after the next one began to sign: the ten minutes of its last token, and what clocks and caches
    /// are behind.
    /// </summary>
    public static readonly TimeSpan Retention = TimeSpan.FromMinutes(30);

    private readonly List<(SigningKey Key, DateTimeOffset ActiveFrom)> _versions;

    /// <summary>A ring of versions.</summary>
    /// <param name="versions">Each version with the time it was created; none where nothing signs.</param>
    internal SigningKeyRing(IEnumerable<(SigningKey Key, DateTimeOffset CreatedAt)> versions)
    {
        _versions = [.. versions.Select(version => (version.Key, version.CreatedAt + ActivationDelay)).OrderBy(version => version.Item2)];
        if (_versions.Count > 0)
            _versions[0] = (_versions[0].Key, DateTimeOffset.MinValue);
    }

    /// <summary>No key: the broker makes no ID tokens.</summary>
    internal static SigningKeyRing None { get; } = new([]);

    /// <summary>Whether there is nothing to sign with.</summary>
    public bool IsEmpty => _versions.Count == 0;

    /// <summary>The version that signs at a time: the newest that is active.</summary>
    internal SigningKey Current(DateTimeOffset now) => _versions.Last(version => version.ActiveFrom <= now).Key;

    /// <summary>What <c>/jwks</c> shows at a time: what signs, what will, and what has signed tokens that may still be good.</summary>
    internal IReadOnlyList<SigningKey> Published(DateTimeOffset now) =>
    [
        .. _versions.Where((_, index) => index + 1 == _versions.Count || now < _versions[index + 1].ActiveFrom + Retention)
            .Select(version => version.Key),
    ];
}
