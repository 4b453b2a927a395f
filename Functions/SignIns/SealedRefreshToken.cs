namespace TokenBroker.SignIns;

/// <summary>
/// The refresh token that a game holds: the provider's, sealed with its app and granted scopes, so that it is of use to this broker alone
/// and for nothing wider. Its form is <c>tb1.{key id}.{base64url}</c>.
/// </summary>
/// <param name="AppName">The app that it was granted to.</param>
/// <param name="Scopes">What was granted.</param>
/// <param name="Token">The provider's refresh token. A secret.</param>
/// <param name="DpopKey">
/// The thumbprint of the game's key, without which it is of no use (RFC 9449 §5); null where it is bound to none.
/// </param>
/// <param name="Subject">Who the player is; null where the game did not ask.</param>
/// <param name="AuthTime">When they signed in.</param>
/// <param name="Provider">The name of the registration that gave it; null in tokens of earlier versions, whose app had one only.</param>
internal sealed record SealedRefreshToken(
    string AppName, IReadOnlyList<string> Scopes, string Token, string? DpopKey = null, string? Provider = null,
    string? Subject = null, DateTimeOffset? AuthTime = null)
{
    private const string Version = "tb1";

    /// <summary>
    /// The tokens as the game gets them: with the refresh token sealed, or with none where the provider refreshes nothing.
    /// </summary>
    public static TokenReply SealInto(
        TokenReply tokens, Registration registration, IReadOnlyList<string> grantedScopes, string? dpopKey,
        SignedInPlayer? player, ProtectionKey key)
    {
        tokens = tokens with { Provider = registration.IsOneOfSeveral ? registration.Name : null };
        if (!registration.Provider.Refresh || tokens.RefreshToken is null)
            return tokens with { RefreshToken = null };
        var refreshToken = new SealedRefreshToken(
            registration.AppName, grantedScopes, tokens.RefreshToken, dpopKey, registration.Name, player?.Identity.Subject,
            player?.AuthTime);
        return tokens with { RefreshToken = refreshToken.Seal(key) };
    }

    /// <summary>Who signed in, as far as it tells; null where the game did not ask.</summary>
    [JsonIgnore]
    public SignedInPlayer? Player => Subject is null || AuthTime is null ? null : new(new(Subject), AuthTime.Value);

    /// <summary>Seals it under the version of the key that seals now.</summary>
    public string Seal(ProtectionKey key)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(this, SealedRefreshTokenJson.Default.SealedRefreshToken);
        return $"{Version}.{SealedText.Seal(json, Version, key, version => version.RefreshTokenKey)}";
    }

    /// <summary>Whether a text has the form of one.</summary>
    public static bool IsSealed(string text) => text.StartsWith($"{Version}.", StringComparison.Ordinal);

    /// <summary>Opens it; null when it was altered, was sealed by another broker, or its key is retired.</summary>
    public static SealedRefreshToken? Open(string text, KeyRing keys)
    {
        if (!IsSealed(text))
            return null;
        var json = SealedText.Open(text[(Version.Length + 1)..], Version, keys, version => version.RefreshTokenKey);
        return json is null ? null : JsonSerializer.Deserialize(json, SealedRefreshTokenJson.Default.SealedRefreshToken);
    }

    /// <summary>Shows nothing of the token.</summary>
    public override string ToString() => nameof(SealedRefreshToken);
}

[JsonSerializable(typeof(SealedRefreshToken))]
internal sealed partial class SealedRefreshTokenJson : JsonSerializerContext;
