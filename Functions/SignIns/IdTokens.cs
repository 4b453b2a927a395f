using System.Buffers.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace TokenBroker.SignIns;

/// <summary>
/// The broker's ID tokens (OpenID Connect Core 1.0 §2): who the player is, for the game's own server. They are made when a game gets its
/// tokens, and kept nowhere.
/// </summary>
public sealed class IdTokens(ISecrets secrets, BrokerOptions options, TimeProvider time)
{
    /// <summary>How long one is good.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private static readonly JsonWebTokenHandler Handler = new() { SetDefaultTimesOnTokenCreation = false };

    /// <summary>Whether there is a key to sign with.</summary>
    internal async Task<bool> CanMakeAsync(CancellationToken cancellation) => !(await secrets.SigningKeysAsync(cancellation)).IsEmpty;

    /// <summary>The key to sign with now, fetched before what cannot be undone; null when it has gone since the sign-in began.</summary>
    internal async Task<SigningKey?> KeyAsync(CancellationToken cancellation)
    {
        var keys = await secrets.SigningKeysAsync(cancellation);
        return keys.IsEmpty ? null : keys.Current(time.GetUtcNow());
    }

    /// <summary>Makes one.</summary>
    /// <param name="key">The key that signs it.</param>
    /// <param name="registration">Where the player has signed in.</param>
    /// <param name="player">Who the player is.</param>
    /// <param name="nonce">What the game wants repeated; null for nothing.</param>
    /// <param name="scopes">What the game was granted, which decides what it may learn.</param>
    /// <param name="accessToken">The access token that comes along.</param>
    internal string Make(
        SigningKey key, Registration registration, SignedInPlayer player, string? nonce, IReadOnlyList<string> scopes, string accessToken)
    {
        var now = time.GetUtcNow();
        var claims = Claims(registration, player.Identity, scopes);
        claims["iss"] = options.Issuer;
        claims["aud"] = registration.AppName;
        claims["iat"] = now.ToUnixTimeSeconds();
        claims["exp"] = (now + Lifetime).ToUnixTimeSeconds();
        claims["auth_time"] = player.AuthTime.ToUnixTimeSeconds();
        if (nonce is not null)
            claims["nonce"] = nonce;
        // §3.1.3.6: the left half of the hash, as both algorithms have it.
        claims["at_hash"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(accessToken)).AsSpan(0, 16));
        return Handler.CreateToken(new SecurityTokenDescriptor
        {
            Claims = claims,
            SigningCredentials = new(key.Private(key.Id), key.Algorithm),
        });
    }

    /// <summary>What a game may learn of its player.</summary>
    internal static Dictionary<string, object> Claims(Registration registration, Identity identity, IReadOnlyList<string> scopes)
    {
        var claims = new Dictionary<string, object>
        {
            ["sub"] = registration.SubjectPrefix + identity.Subject,
            ["idp"] = registration.Name,
        };
        if (scopes.Contains("profile", StringComparer.OrdinalIgnoreCase))
        {
            Add("name", identity.Name);
            Add("picture", identity.Picture);
        }
        if (scopes.Contains("email", StringComparer.OrdinalIgnoreCase) && identity.Email is not null)
        {
            Add("email", identity.Email);
            claims["email_verified"] = identity.EmailVerified;
        }
        return claims;

        void Add(string name, string? value)
        {
            if (value is not null)
                claims[name] = value;
        }
    }
}

/// <summary>A player who has signed in.</summary>
/// <param name="Identity">Who they are.</param>
/// <param name="AuthTime">When they signed in.</param>
internal sealed record SignedInPlayer(Identity Identity, DateTimeOffset AuthTime)
{
    /// <summary>Shows nothing of the player.</summary>
    public override string ToString() => nameof(SignedInPlayer);
}
