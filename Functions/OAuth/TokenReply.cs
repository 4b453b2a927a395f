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
    /// <summary>The provider's own ID token, which goes no further. A secret.</summary>
    [JsonIgnore]
    public string? ProviderIdToken { get; init; }

    /// <summary>The broker's ID token for the game (OpenID Connect Core 1.0 §3.1.3.3), once it is made.</summary>
    [JsonIgnore]
    public string? IdToken { get; init; }

    /// <summary>The registration that gave the tokens, where the player chose among several: <c>/userinfo</c> needs it.</summary>
    [JsonIgnore]
    public string? Provider { get; init; }

    /// <summary>Shows nothing of the tokens.</summary>
    /// <returns>A fixed word.</returns>
    public override string ToString() => nameof(TokenReply);
}
