using System.Buffers.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace TokenBroker.SignIns;

/// <summary>What a request's DPoP proof shows.</summary>
/// <param name="IsInvalid">Whether there is a proof, and it proves nothing.</param>
/// <param name="Key">The thumbprint (RFC 7638) of the key that the caller has; null without a proof.</param>
internal sealed record DpopCheck(bool IsInvalid, string? Key)
{
    public static DpopCheck NoProof { get; } = new(false, null);

    public static DpopCheck Invalid { get; } = new(true, null);
}

/// <summary>
/// Checks DPoP proofs (RFC 9449 §4.3): the caller has the key that its refresh token is bound to. A proof works once at this instance, and
/// for five minutes at most: players' clocks are wrong.
/// </summary>
public sealed class DpopProofs(TimeProvider time) : IDisposable
{
    private const int MaxLength = 8 * 1024;
    private const int MaxIdLength = 256;
    private const string Type = "dpop+jwt";

    /// <summary>How far a proof's time may be from the present, in either direction.</summary>
    private static readonly TimeSpan MaxSkew = TimeSpan.FromMinutes(5);

    /// <summary>How long a proof is remembered: from the earliest moment that it can come to the latest.</summary>
    private static readonly TimeSpan Memory = 2 * MaxSkew;

    private static readonly JsonWebTokenHandler Handler = new();

    /// <summary>Keys are strangers' own, so nothing of them is kept.</summary>
    private static readonly CryptoProviderFactory NoCache = new() { CacheSignatureProviders = false };

    private readonly ExpiringSet _used = new(time);

    /// <summary>The signature algorithms that a game may use.</summary>
    internal static string[] Algorithms { get; } = [SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.RsaSha256];

    /// <inheritdoc/>
    public void Dispose() => _used.Dispose();

    /// <summary>Whether a caller has proved what it must.</summary>
    /// <param name="proved">The key that it has proved; null without a proof.</param>
    /// <param name="bound">The key that its code or token is bound to, if any.</param>
    /// <param name="isRequired">Whether it must prove some key in any case.</param>
    internal static bool Suffices(string? proved, string? bound, bool isRequired) =>
        bound is null ? !isRequired || proved is not null : proved == bound;

    /// <summary>Checks the proof of a request.</summary>
    /// <param name="proofs">The values of the header <c>DPoP</c>, of which there may be one.</param>
    /// <param name="method">The request's method.</param>
    /// <param name="url">The request's address below the public URL.</param>
    /// <returns>The key that it proves, if any.</returns>
    internal async Task<DpopCheck> CheckAsync(IReadOnlyList<string?> proofs, string method, string url)
    {
        if (proofs.Count == 0)
            return DpopCheck.NoProof;
        if (proofs is not [{ Length: <= MaxLength } proof])
            return DpopCheck.Invalid;
        try
        {
            return await CheckAsync(new JsonWebToken(proof), method, url);
        }
        catch (Exception exception) when (exception is ArgumentException or SecurityTokenException or JsonException or FormatException
            or InvalidOperationException or CryptographicException)
        {
            // It is no token, no JSON, no text, or no key.
            return DpopCheck.Invalid;
        }
    }

    private async Task<DpopCheck> CheckAsync(JsonWebToken proof, string method, string url)
    {
        if (KeyOf(proof) is not { } key)
            return DpopCheck.Invalid;
        var parameters = new TokenValidationParameters
        {
            IssuerSigningKey = key,
            ValidAlgorithms = Algorithms,
            ValidTypes = [Type],
            ValidateIssuer = false,
            ValidateAudience = false,
            ValidateLifetime = false, // It has no exp: its age is checked below.
        };
        var signature = await Handler.ValidateTokenAsync(proof, parameters);
        if (!signature.IsValid || !IsForRequest(proof, method, url))
            return DpopCheck.Invalid;

        var thumbprint = Base64Url.EncodeToString(key.ComputeJwkThumbprint());
        var id = Text(proof, "jti");
        var isNew = id is { Length: > 0 and <= MaxIdLength } && _used.TryAdd($"{thumbprint} {id}", Memory);
        return isNew ? new(false, thumbprint) : DpopCheck.Invalid;
    }

    /// <summary>
    /// The public key in the proof's header; null for a private one, and for any that is none of ours. Only its numbers are taken: with a
    /// certificate beside them, the library would check the signature by that and not by them.
    /// </summary>
    private static JsonWebKey? KeyOf(JsonWebToken proof)
    {
        if (!proof.TryGetHeaderValue<JsonElement>("jwk", out var json) || json.ValueKind != JsonValueKind.Object)
            return null;
        var sent = new JsonWebKey(json.GetRawText());
        if (sent.HasPrivateKey || !(IsP256(sent) || IsRsa(sent)))
            return null;
        return new() { Kty = sent.Kty, Crv = sent.Crv, X = sent.X, Y = sent.Y, N = sent.N, E = sent.E, CryptoProviderFactory = NoCache };
    }

    private static bool IsP256(JsonWebKey key) =>
        key is { Kty: JsonWebAlgorithmsKeyTypes.EllipticCurve, Crv: JsonWebKeyECTypes.P256 } &&
            BytesOf(key.X)?.Length == 32 && BytesOf(key.Y)?.Length == 32;

    /// <summary>2,048 to 4,096 bits, and a small exponent: a stranger must not choose how long a check takes.</summary>
    private static bool IsRsa(JsonWebKey key) => key.Kty == JsonWebAlgorithmsKeyTypes.RSA &&
        BytesOf(key.N)?.Length is >= 256 and <= 512 && BytesOf(key.E)?.Length is >= 1 and <= 4;

    /// <summary>
    /// The bytes of a number; null unless it is written in the one way that RFC 7518 §2 knows, which the thumbprint rests on.
    /// </summary>
    private static byte[]? BytesOf(string? number)
    {
        if (string.IsNullOrEmpty(number) || !Base64Url.IsValid(number))
            return null;
        var bytes = Base64Url.DecodeFromChars(number);
        return Base64Url.EncodeToString(bytes) == number ? bytes : null;
    }

    private bool IsForRequest(JsonWebToken proof, string method, string url)
    {
        if (!proof.TryGetPayloadValue<double>("iat", out var seconds))
            return false;
        var age = time.GetUtcNow() - DateTimeOffset.UnixEpoch - Clamp(seconds);
        return age.Duration() <= MaxSkew && Text(proof, "htm") == method && IsSameAddress(Text(proof, "htu"), url);
    }

    /// <summary>RFC 9449 §4.3: query and fragment are ignored, after the normalization of RFC 3986 §6.2.</summary>
    private static bool IsSameAddress(string? htu, string url)
    {
        const UriComponents compared = UriComponents.SchemeAndServer | UriComponents.UserInfo | UriComponents.Path;
        return Uri.TryCreate(htu, UriKind.Absolute, out var proved) &&
            proved.GetComponents(compared, UriFormat.UriEscaped) == new Uri(url).GetComponents(compared, UriFormat.UriEscaped);
    }

    private static TimeSpan Clamp(double seconds) => seconds is > 0 and < 1e11 ? TimeSpan.FromSeconds(seconds) : TimeSpan.Zero;

    private static string? Text(JsonWebToken proof, string name) =>
        proof.TryGetPayloadValue<object>(name, out var value) ? value as string : null;
}
