using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using TokenBroker.Apps;
using TokenBroker.Secrets;

namespace TokenBroker.OAuth;

/// <summary>
/// The refresh token that a game holds: the provider's, sealed with its app and granted scopes, so that it is of use to this broker
/// alone and for nothing wider. Written as <c>tb1.{key id}.{base64url}</c>.
/// </summary>
/// <param name="AppName">The app that it was granted to.</param>
/// <param name="Scopes">What was granted.</param>
/// <param name="Token">The provider's refresh token. A secret.</param>
internal sealed record SealedRefreshToken(string AppName, IReadOnlyList<string> Scopes, string Token)
{
    private const string Version = "tb1";

    /// <summary>A reply as the game gets it: with the provider's refresh token sealed, or without any where the provider refreshes nothing.</summary>
    public static TokenReply SealInto(TokenReply reply, App app, IReadOnlyList<string> granted, ProtectionKey key) => reply with
    {
        RefreshToken = app.Provider.Refresh && reply.RefreshToken is { } token ? new SealedRefreshToken(app.Name, granted, token).Seal(key) : null,
    };

    /// <summary>Seals it under the version of the key that protects now.</summary>
    public string Seal(ProtectionKey key)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(this, SealedRefreshTokenJson.Default.SealedRefreshToken);
        return $"{Version}.{key.Id}.{Base64Url.EncodeToString(Protector.Protect(key.RefreshTokenKey, json, Version))}";
    }

    /// <summary>Whether a text has the form of one.</summary>
    public static bool IsSealed(string text) => text.StartsWith($"{Version}.", StringComparison.Ordinal);

    /// <summary>Opens it; null when it was altered, was sealed by another broker, or its key is retired.</summary>
    public static SealedRefreshToken? Open(string text, KeyRing keys)
    {
        if (text.Split('.') is not [Version, var id, var content] || keys.Find(id) is not { } key || !Base64Url.IsValid(content))
            return null;
        return Protector.Unprotect(
            key.RefreshTokenKey, Base64Url.DecodeFromChars(content), Version, json => JsonSerializer.Deserialize(json, SealedRefreshTokenJson.Default.SealedRefreshToken));
    }

    /// <summary>Shows nothing of the token.</summary>
    public override string ToString() => nameof(SealedRefreshToken);
}

[JsonSerializable(typeof(SealedRefreshToken))]
internal sealed partial class SealedRefreshTokenJson : JsonSerializerContext;
