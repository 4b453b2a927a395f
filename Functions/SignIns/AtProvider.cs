namespace TokenBroker.SignIns;

/// <summary>What a provider sees of a session.</summary>
internal static class AtProvider
{
    /// <summary>
    /// The id from which <c>state</c> and PKCE verifier follow: another at each of several providers, so that the answer of one is never
    /// taken for that of another, whatever the player has chosen meanwhile (RFC 9700 §4.4).
    /// </summary>
    public static SessionId IdOf(SessionId id, Registration registration) =>
        registration.IsOneOfSeveral ? id.DeriveId($"provider {registration.Name}") : id;
}
