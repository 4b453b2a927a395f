namespace TokenBroker.Crypto;

/// <summary>The versions of the protection key that still open what they sealed.</summary>
public sealed class KeyRing
{
    /// <summary>How long a new version waits before it seals anything, so that every instance has read it by then.</summary>
    public static readonly TimeSpan ActivationDelay = TimeSpan.FromMinutes(15);

    /// <summary>A code entry may be sealed under the key of ten minutes ago or ahead: a session's lifetime, and clock skew.</summary>
    private static readonly TimeSpan CandidateMargin = TimeSpan.FromMinutes(10);

    /// <summary>The oldest first; it is active from the beginning, since nothing stands before it.</summary>
    private readonly List<(ProtectionKey Key, DateTimeOffset ActiveFrom)> _versions;

    /// <summary>A ring of versions.</summary>
    /// <param name="versions">Each version with the time it was created; at least one.</param>
    internal KeyRing(IEnumerable<(ProtectionKey Key, DateTimeOffset CreatedAt)> versions)
    {
        _versions = [.. versions.Select(version => (version.Key, version.CreatedAt + ActivationDelay)).OrderBy(version => version.Item2)];
        _versions[0] = (_versions[0].Key, DateTimeOffset.MinValue);
    }

    /// <summary>The version that seals at a time: the newest that is active.</summary>
    internal ProtectionKey Current(DateTimeOffset now) => _versions.Last(version => version.ActiveFrom <= now).Key;

    /// <summary>
    /// The versions under which a code entry of an unexpired session may be stored, the likeliest first: one, but around a rotation.
    /// </summary>
    internal IReadOnlyList<ProtectionKey> Candidates(DateTimeOffset now) =>
        [.. new[] { Current(now), Current(now - CandidateMargin), Current(now + CandidateMargin) }.Distinct()];

    /// <summary>The version with an id; null when it is unknown or retired.</summary>
    internal ProtectionKey? Find(string id) => _versions.Select(version => version.Key).FirstOrDefault(key => key.Id == id);
}
