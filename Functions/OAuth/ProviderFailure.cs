namespace TokenBroker.OAuth;

/// <summary>Why a provider did not do what it was asked.</summary>
public enum ProviderFailure
{
    /// <summary>It refused the broker's client id or secret (RFC 6749 §5.2, <c>invalid_client</c>).</summary>
    RefusedClient,

    /// <summary>It refused the code or refresh token (<c>invalid_grant</c>).</summary>
    RefusedGrant,

    /// <summary>It refused the client or the grant, and does not say which.</summary>
    RefusedGrantOrClient,

    /// <summary>It refused the player's access token (RFC 6750 §3.1, <c>invalid_token</c>).</summary>
    RefusedToken,

    /// <summary>The player's access token does not allow this (RFC 6750 §3.1, <c>insufficient_scope</c>).</summary>
    InsufficientScope,

    /// <summary>It refused the request for another reason.</summary>
    RefusedRequest,

    /// <summary>It revokes no tokens of this kind (RFC 7009 §2.2.1).</summary>
    UnsupportedTokenType,

    /// <summary>It has no such endpoint.</summary>
    NoEndpoint,

    /// <summary>It does not say who the player is, or cannot be believed.</summary>
    NoIdentity,

    /// <summary>It did not answer in time.</summary>
    Timeout,

    /// <summary>It could not be reached or discovered, answered with a server error, or with something that cannot be read.</summary>
    Trouble,
}

/// <summary>What kinds of failure there are.</summary>
internal static class ProviderFailures
{
    /// <summary>Whether the provider has refused what it was asked, and not failed by itself.</summary>
    public static bool IsRefusal(this ProviderFailure failure) =>
        failure is not (ProviderFailure.NoEndpoint or ProviderFailure.NoIdentity or ProviderFailure.Timeout or ProviderFailure.Trouble);
}
