namespace TokenBroker.OAuth;

/// <summary>What a provider gave for a code or a refresh token (RFC 6749 §5.1).</summary>
/// <param name="AccessToken">The access token. A secret.</param>
/// <param name="TokenType">Its type; null when the provider named none.</param>
/// <param name="ExpiresAt">When it expires; null when the provider did not say.</param>
/// <param name="RefreshToken">The refresh token, if any. A secret.</param>
/// <param name="Scope">The granted scopes, space-separated; null when the provider named none.</param>
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
