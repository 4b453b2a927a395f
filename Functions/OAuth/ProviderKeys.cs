using System.Collections.Concurrent;
using Microsoft.IdentityModel.Tokens;

namespace TokenBroker.OAuth;

/// <summary>
/// The keys with which OpenID providers sign (RFC 7517). They are read when they are needed, again every hour, and again for a key that is
/// not among them, but not within a minute.
/// </summary>
public sealed class ProviderKeys(ProviderHttp http, TimeProvider time, ILogger<ProviderKeys> logger)
{
    /// <summary>How long keys are kept.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    /// <summary>The least between two reads for keys that are not there: anybody may name one.</summary>
    public static readonly TimeSpan MinInterval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Kept> _kept = new();
    private readonly ConcurrentDictionary<string, Lazy<Task<Kept?>>> _reading = new();

    /// <summary>The keys that may have signed a token.</summary>
    /// <param name="registration">The registration, with what its provider was discovered to have.</param>
    /// <param name="keyId">The <c>kid</c> of the token; null when it names none.</param>
    /// <returns>The keys; null when they cannot be read.</returns>
    internal async Task<IReadOnlyList<SecurityKey>?> FindAsync(Registration registration, string? keyId)
    {
        if (registration.Endpoints.Jwks is not { } address)
            return null;
        var now = time.GetUtcNow();
        var kept = _kept.GetValueOrDefault(registration.Id);
        var age = now - (kept?.ReadAt ?? DateTimeOffset.MinValue);
        if (kept is null || age >= Lifetime || (kept.Matching(keyId).Count == 0 && age >= MinInterval))
            kept = await _reading.GetOrAdd(registration.Id, _ => new(() => ReadAsync(registration, address))).Value ?? kept;
        return kept?.Matching(keyId);
    }

    private async Task<Kept?> ReadAsync(Registration registration, Uri address)
    {
        try
        {
            var reply = await http.GetAsync(registration, address, bearerToken: null, CancellationToken.None);
            if (reply.Status != (int)HttpStatusCode.OK || KeysOf(reply.Body) is not { } keys)
            {
                ProviderCallLog.Failed(logger, registration, ProviderCall.Keys, address, ProviderFailure.Trouble, reply);
                return null;
            }
            return _kept[registration.Id] = new(keys, time.GetUtcNow());
        }
        finally
        {
            _reading.TryRemove(registration.Id, out _);
        }
    }

    /// <summary>
    /// The public keys that may sign: RSA of at least 2048 bits, or P-256. Only their numbers and their id are taken: certificates beside
    /// them say nothing here.
    /// </summary>
    private static List<SecurityKey>? KeysOf(byte[] body)
    {
        try
        {
            var keys = new JsonWebKeySet(Encoding.UTF8.GetString(body)).Keys;
            return
            [
                .. keys.Where(key => key.Use is null or "" or "sig")
                    .Where(key => key is { Kty: JsonWebAlgorithmsKeyTypes.RSA, KeySize: >= SigningKey.MinRsaBits } or
                        { Kty: JsonWebAlgorithmsKeyTypes.EllipticCurve, Crv: JsonWebKeyECTypes.P256 })
                    .Select(key => new JsonWebKey
                    {
                        Kid = key.Kid, Kty = key.Kty, Crv = key.Crv, X = key.X, Y = key.Y, N = key.N, E = key.E,
                        CryptoProviderFactory = new() { CacheSignatureProviders = false },
                    }),
            ];
        }
        catch (Exception exception) when (exception is ArgumentException or JsonException or FormatException)
        {
            return null;
        }
    }

    /// <summary>The keys of a provider, and when they were read.</summary>
    private sealed record Kept(IReadOnlyList<SecurityKey> Keys, DateTimeOffset ReadAt)
    {
        public IReadOnlyList<SecurityKey> Matching(string? keyId) =>
            keyId is null ? Keys : [.. Keys.Where(key => key.KeyId == keyId)];
    }
}
