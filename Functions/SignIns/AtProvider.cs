using System.Buffers.Text;

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

    /// <summary>What the provider's ID token must repeat (OpenID Connect Core 1.0 §3.1.2.1).</summary>
    public static string NonceOf(SessionId id, Registration registration) =>
        Base64Url.EncodeToString(IdOf(id, registration).Derive("nonce"));

    /// <summary>The request that a session makes of a provider.</summary>
    public static AuthorizationRequest RequestOf(
        SessionId id, Registration registration, IReadOnlyList<string> scopes, bool reauthenticate, string? loginHint = null)
    {
        var (atProvider, providerScopes) = (IdOf(id, registration), registration.ProviderScopes(scopes));
        var wantsIdToken = registration.Provider.Issuer is not null && providerScopes.Contains(Registration.OpenId);
        return new(registration, providerScopes, atProvider.State, atProvider.CodeVerifier, reauthenticate, loginHint,
            wantsIdToken ? NonceOf(id, registration) : null);
    }
}
