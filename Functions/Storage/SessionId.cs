using System.Buffers;
using System.Buffers.Text;

namespace TokenBroker.Storage;

/// <summary>
/// What the player's browser holds of a session: the time it began and 256 random bits. Storage holds only its hash; <c>state</c>, PKCE
/// verifier and access code are derived from it (docs/decisions/0004).
/// </summary>
public sealed class SessionId
{
    private const int TimeLength = 12;
    private const int SecretLength = 32;
    private const int TextLength = TimeLength + 43;
    private readonly byte[] _secret;

    private SessionId(DateTimeOffset beganAt, byte[] secret) => (BeganAt, _secret, Text) = (beganAt, secret, Encode(beganAt, secret));

    /// <summary>When the session began, to the millisecond.</summary>
    public DateTimeOffset BeganAt { get; }

    /// <summary>
    /// The id as the cookie carries it: 12 hexadecimal digits (milliseconds since 1970), then 43 characters of base64url. A secret.
    /// </summary>
    public string Text { get; }

    /// <summary>The row key of the session: SHA-256 of the text, in 64 hexadecimal digits.</summary>
    public string RowKey => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(Text)));

    /// <summary>
    /// The OAuth <c>state</c> (RFC 6749 §10.12): the time the session began, then 256 bits that only the cookie's holder can know.
    /// </summary>
    public string State => Encode(BeganAt, Derive("state"));

    /// <summary>The PKCE verifier (RFC 7636 §4.1), 43 characters.</summary>
    public string CodeVerifier => Base64Url.EncodeToString(Derive("code_verifier"));

    /// <summary>Begins a session.</summary>
    /// <param name="now">The present.</param>
    /// <returns>A new id.</returns>
    public static SessionId New(DateTimeOffset now) =>
        new(DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds()), RandomNumberGenerator.GetBytes(SecretLength));

    /// <summary>Reads what <see cref="Text"/> wrote.</summary>
    /// <param name="text">The cookie's value.</param>
    /// <returns>The id; null when the text is none.</returns>
    public static SessionId? TryParse(string? text)
    {
        if (text?.Length != TextLength || !TryReadTime(text, out var beganAt))
            return null;
        var secret = new byte[SecretLength];
        var status = Base64Url.DecodeFromChars(text.AsSpan(TimeLength), secret, out _, out var length);
        if (status != OperationStatus.Done || length != SecretLength)
            return null;
        // Some texts decode to the same bytes; only the one that Encode writes is an id.
        var id = new SessionId(beganAt, secret);
        return id.Text == text ? id : null;
    }

    /// <summary>
    /// Whether a <c>state</c> says that its session is over. It chooses an error page only, since anybody can write one.
    /// </summary>
    /// <param name="state">A state that came back without a cookie.</param>
    /// <param name="now">The present.</param>
    /// <returns>Whether its session began a lifetime ago or earlier.</returns>
    public static bool IsExpiredState(string? state, DateTimeOffset now) =>
        state?.Length == TextLength && TryReadTime(state, out var beganAt) && now >= beganAt + Session.Lifetime;

    /// <summary>Whether a <c>state</c> that came back is this session's, in constant time.</summary>
    /// <param name="state">The state that came back.</param>
    /// <returns>Whether it is this session's.</returns>
    public bool IsState(string? state) => state is not null && ConstantTime.AreEqual(state, State);

    /// <summary>Whether the session has ended.</summary>
    /// <param name="now">The present.</param>
    /// <returns>Whether its lifetime is over.</returns>
    public bool IsExpired(DateTimeOffset now) => now >= BeganAt + Session.Lifetime;

    /// <summary>Shows nothing of the secret.</summary>
    /// <returns>A fixed word.</returns>
    public override string ToString() => nameof(SessionId);

    /// <summary>
    /// 256 bits for one purpose, which follow from the whole id. The secret is random already, so HKDF expands it without extraction (RFC
    /// 5869 §3.3).
    /// </summary>
    internal byte[] Derive(string purpose)
    {
        var info = $"TokenBroker session {purpose} {BeganAt.ToUnixTimeMilliseconds():x12}";
        return HKDF.Expand(HashAlgorithmName.SHA256, _secret, SecretLength, Encoding.ASCII.GetBytes(info));
    }

    /// <summary>Another id that began at the same time, derived from this one for one purpose.</summary>
    internal SessionId DeriveId(string purpose) => new(BeganAt, Derive(purpose));

    private static string Encode(DateTimeOffset time, byte[] bits) =>
        time.ToUnixTimeMilliseconds().ToString("x12", CultureInfo.InvariantCulture) + Base64Url.EncodeToString(bits);

    private static bool TryReadTime(string text, out DateTimeOffset time)
    {
        time = default;
        var isNumber = long.TryParse(text.AsSpan(0, TimeLength), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture,
            out var milliseconds);
        var latest = (DateTimeOffset.MaxValue - Session.Lifetime).ToUnixTimeMilliseconds();
        if (!isNumber || milliseconds > latest)
            return false;
        time = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
        return true;
    }
}
