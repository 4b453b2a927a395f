using System.Diagnostics.CodeAnalysis;

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

    /// <summary>It revokes no tokens of this kind (RFC 7009 §2.2.1).</summary>
    UnsupportedTokenType,

    /// <summary>It has no such endpoint.</summary>
    NoEndpoint,

    /// <summary>It did not answer in time.</summary>
    Timeout,

    /// <summary>It could not be reached or discovered, answered with a server error, or with something that cannot be read.</summary>
    Trouble,
}

/// <summary>What a provider gave, or why it gave nothing.</summary>
/// <typeparam name="T">What was asked for.</typeparam>
/// <param name="Value">What it gave; null on failure.</param>
/// <param name="Failure">Why it gave nothing; null on success.</param>
public sealed record ProviderResult<T>(T? Value, ProviderFailure? Failure) where T : class
{
    /// <summary>Whether it gave what was asked for.</summary>
    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Failure))]
    public bool Succeeded => Value is not null;

    /// <summary>Success.</summary>
    /// <param name="value">What the provider gave.</param>
    public static implicit operator ProviderResult<T>(T value) => new(value, null);

    /// <summary>Failure.</summary>
    /// <param name="failure">Why it gave nothing.</param>
    public static implicit operator ProviderResult<T>(ProviderFailure failure) => new(null, failure);

    /// <summary>Shows no token.</summary>
    /// <returns>The failure, or a fixed word.</returns>
    public override string ToString() => Failure?.ToString() ?? nameof(Succeeded);
}
