namespace TokenBroker.SignIns;

/// <summary>Why a game gets no tokens.</summary>
internal enum TokenRefusal
{
    /// <summary>The code is malformed, unknown, expired or redeemed, or its app or PKCE verifier is wrong: one answer for all.</summary>
    UnknownExpiredOrUsed,

    /// <summary>The player has not decided yet (RFC 8628 §3.5).</summary>
    AuthorizationPending,

    /// <summary>The device polls too often (RFC 8628 §3.5).</summary>
    SlowDown,

    /// <summary>The player, or the provider for them, declined (RFC 8628 §3.5).</summary>
    Declined,

    /// <summary>The device code is older than five minutes (RFC 8628 §3.5).</summary>
    DeviceCodeExpired,

    /// <summary>The refresh token was altered, revoked or granted to another app, or its key is retired.</summary>
    UnknownRefreshToken,

    /// <summary>The game has not proved the key that its token is bound to, or must be (RFC 9449).</summary>
    NotProved,

    /// <summary>More is asked for than was granted (RFC 6749 §6).</summary>
    ScopeNotGranted,

    /// <summary>The provider refused the refresh token.</summary>
    ProviderRefusedGrant,

    /// <summary>The provider refused the broker's client id or secret.</summary>
    ProviderRefusedClient,

    /// <summary>The provider did not answer in time.</summary>
    ProviderTimeout,

    /// <summary>The provider failed.</summary>
    ProviderTrouble,
}
