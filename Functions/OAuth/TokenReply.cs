using System.Text.Json;

namespace TokenBroker.OAuth;

/// <summary>What a provider gave for a code or a refresh token (RFC 6749 §5.1).</summary>
/// <param name="AccessToken">The access token. A secret.</param>
/// <param name="TokenType">Its type; null when the provider said none.</param>
/// <param name="ExpiresAt">When it expires; null when the provider said nothing of it.</param>
/// <param name="RefreshToken">The refresh token, if any. A secret.</param>
/// <param name="Scope">The granted scopes, space-separated; null when the provider said none.</param>
/// <param name="Extra">All other members, as they came; null without any.</param>
public sealed record TokenReply(
    string AccessToken,
    string? TokenType,
    DateTimeOffset? ExpiresAt,
    string? RefreshToken,
    string? Scope,
    IReadOnlyDictionary<string, JsonElement>? Extra)
{
    /// <summary>Shows nothing of the tokens.</summary>
    /// <returns>A fixed word.</returns>
    public override string ToString() => nameof(TokenReply);
}

/// <summary>Either tokens, or why there are none.</summary>
/// <param name="Token">The tokens; null on failure.</param>
/// <param name="Error">The failure; null on success.</param>
public sealed record TokenResult(TokenReply? Token, OAuthError? Error)
{
    /// <summary>Whether the provider refused, or may have refused, the client's credentials: then another secret may help.</summary>
    internal bool MayBeSecret { get; init; }

    internal static TokenResult Success(TokenReply token) => new(token, null);

    internal static TokenResult Failure(OAuthError error, bool mayBeSecret = false) => new(null, error) { MayBeSecret = mayBeSecret };
}
