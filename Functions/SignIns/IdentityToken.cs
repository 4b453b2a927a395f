namespace TokenBroker.SignIns;

/// <summary>
/// The access token of a player whose provider has none, since every reply must have one (RFC 6749 §5.1): sealed, good for ten minutes,
/// and only for <c>/userinfo</c>, which answers with what is in it. Its form is <c>tbi1.{key id}.{base64url}</c>.
/// </summary>
/// <param name="AppName">The app that it was granted to.</param>
/// <param name="Provider">The name of the registration.</param>
/// <param name="Claims">What <c>/userinfo</c> answers, as JSON.</param>
/// <param name="ExpiresAt">When it ends.</param>
internal sealed record IdentityToken(string AppName, string Provider, string Claims, DateTimeOffset ExpiresAt)
{
    private const string Version = "tbi1";

    /// <summary>How long it is good.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    /// <summary>Seals it under the version of the key that seals now.</summary>
    public string Seal(ProtectionKey key)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(this, IdentityTokenJson.Default.IdentityToken);
        return $"{Version}.{SealedText.Seal(json, Version, key, version => version.IdentityTokenKey)}";
    }

    /// <summary>Opens it; null when it was altered, was sealed by another broker, or its key is retired.</summary>
    public static IdentityToken? Open(string text, KeyRing keys)
    {
        if (!text.StartsWith($"{Version}.", StringComparison.Ordinal))
            return null;
        var json = SealedText.Open(text[(Version.Length + 1)..], Version, keys, version => version.IdentityTokenKey);
        return json is null ? null : JsonSerializer.Deserialize(json, IdentityTokenJson.Default.IdentityToken);
    }

    /// <summary>Shows nothing of the player.</summary>
    public override string ToString() => nameof(IdentityToken);
}

[JsonSerializable(typeof(IdentityToken))]
[JsonSerializable(typeof(Dictionary<string, object>))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(bool))]
internal sealed partial class IdentityTokenJson : JsonSerializerContext;
