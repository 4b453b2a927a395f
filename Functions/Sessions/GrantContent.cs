using System.Text.Json;
using System.Text.Json.Serialization;
using TokenBroker.OAuth;
using TokenBroker.Providers;
using TokenBroker.Secrets;

namespace TokenBroker.Sessions;

/// <summary>What is inside a grant.</summary>
/// <param name="App">The app that the tokens are for.</param>
/// <param name="CodeChallenge">The proof key challenge that redemption must answer, if any.</param>
/// <param name="Scopes">What was asked for.</param>
/// <param name="Token">The tokens.</param>
internal sealed record GrantContent(string App, string? CodeChallenge, IReadOnlyList<string> Scopes, TokenReply Token)
{
    /// <summary>
    /// What was granted: all that was asked for where the provider said nothing (RFC 6749 §5.1), else what it said and those of the
    /// asked-for scopes that it never repeats.
    /// </summary>
    public IReadOnlyList<string> Granted(Provider provider) =>
        Token.Scope is { } scope ? [.. Apps.App.Split(scope).Union(Scopes.Intersect(provider.UnechoedScopes))] : Scopes;

    /// <summary>Seals the content for its code.</summary>
    public Grant Seal(GrantKey place, ProtectionKey key, ReadOnlySpan<byte> code, DateTimeOffset expiresAt) =>
        Grant.Seal(place, key, code, JsonSerializer.SerializeToUtf8Bytes(this, GrantJson.Default.GrantContent), expiresAt);

    /// <summary>Opens a grant; null when it was not sealed with this key and code.</summary>
    public static GrantContent? Open(Grant grant, ProtectionKey key, ReadOnlySpan<byte> code) =>
        grant.Open(key, code, json => JsonSerializer.Deserialize(json, GrantJson.Default.GrantContent));

    /// <summary>Shows nothing of the tokens.</summary>
    public override string ToString() => nameof(GrantContent);
}

[JsonSerializable(typeof(GrantContent))]
internal sealed partial class GrantJson : JsonSerializerContext;
