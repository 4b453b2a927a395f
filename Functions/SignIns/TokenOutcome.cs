using TokenBroker.OAuth;

namespace TokenBroker.SignIns;

/// <summary>How a request for tokens ends: one of the cases inside.</summary>
internal abstract record TokenOutcome
{
    /// <summary>The game gets its tokens (RFC 6749 §5.1), with the refresh token sealed.</summary>
    public sealed record Issued(TokenReply Tokens) : TokenOutcome;

    /// <summary>It gets none, by what the broker knows.</summary>
    public sealed record Refused(TokenRefusal Reason) : TokenOutcome;

    /// <summary>It gets none, since the provider gave none.</summary>
    public sealed record ProviderFailed(ProviderFailure Failure) : TokenOutcome;

    /// <summary>Its address has presented too many wrong codes.</summary>
    public sealed record TooManyFailures(TimeSpan Wait) : TokenOutcome;
}

/// <summary>Why the broker refuses tokens.</summary>
internal enum TokenRefusal
{
    /// <summary>The code is unknown, expired or redeemed: one answer for all.</summary>
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

    /// <summary>More is asked for than was granted (RFC 6749 §6).</summary>
    ScopeNotGranted,
}
