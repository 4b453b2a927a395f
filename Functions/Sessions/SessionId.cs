using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace TokenBroker.Sessions;

/// <summary>
/// What the player's browser holds of a session: the time it began and 256 random bits. Storage holds only a hash of it, and the
/// state, the proof key's verifier and the access code all follow from it (docs/decisions/0004).
/// </summary>
public sealed class SessionId
{
    private const int TimeLength = 12;
    private const int SecretLength = 32;
    private const int TextLength = TimeLength + 43;
    private readonly byte[] _secret;

    private SessionId(DateTimeOffset createdAt, byte[] secret)
    {
        CreatedAt = createdAt;
        _secret = secret;
        Text = Encode(secret);
    }

    /// <summary>When the session began, to the millisecond.</summary>
    public DateTimeOffset CreatedAt { get; }

    /// <summary>The id as the cookie carries it: 12 hexadecimal digits (milliseconds since 1970), then 43 of base64url. A secret.</summary>
    public string Text { get; }

    /// <summary>Where the session is stored.</summary>
    public SessionKey Key
    {
        get
        {
            Span<byte> text = stackalloc byte[TextLength];
            Encoding.ASCII.GetBytes(Text, text);
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(text, hash);
            return SessionKey.Of(CreatedAt, hash);
        }
    }

    /// <summary>The OAuth state (RFC 6749 §10.12): the time the session began, then 256 bits that only the cookie's holder can know.</summary>
    public string State => Encode(Derive("TokenBroker session state"u8));

    /// <summary>The proof key's verifier (RFC 7636 §4.1), 43 characters.</summary>
    public string CodeVerifier => Base64Url.EncodeToString(Derive("TokenBroker session code_verifier"u8));

    /// <summary>Starts a session.</summary>
    /// <param name="now">The present.</param>
    /// <returns>A new id.</returns>
    public static SessionId New(DateTimeOffset now) =>
        new(DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds()), RandomNumberGenerator.GetBytes(SecretLength));

    /// <summary>Reads what <see cref="Text"/> wrote.</summary>
    /// <param name="text">The cookie's value.</param>
    /// <returns>The id; null when the text is none.</returns>
    public static SessionId? TryParse(string? text)
    {
        if (text?.Length != TextLength || !TryReadTime(text, out var createdAt))
            return null;
        var secret = new byte[SecretLength];
        if (Base64Url.DecodeFromChars(text.AsSpan(TimeLength), secret, out _, out var length) != OperationStatus.Done || length != SecretLength)
            return null;
        var id = new SessionId(createdAt, secret);
        return id.Text == text ? id : null;
    }

    /// <summary>Whether a state says of itself that its session is over; for choosing an error page only, since anybody can write one.</summary>
    /// <param name="state">A state that came back without a cookie.</param>
    /// <param name="now">The present.</param>
    /// <returns>Whether it began a session's lifetime ago or earlier.</returns>
    public static bool IsExpiredState(string? state, DateTimeOffset now) =>
        state?.Length == TextLength && TryReadTime(state, out var createdAt) && now >= createdAt + Session.Lifetime;

    /// <summary>Whether a state that came back is this session's, in constant time.</summary>
    /// <param name="state">The state that came back.</param>
    /// <returns>Whether it is this session's.</returns>
    public bool IsState(string? state) =>
        state is not null && CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes(state.AsSpan()), MemoryMarshal.AsBytes(State.AsSpan()));

    /// <summary>Shows nothing of the secret.</summary>
    /// <returns>A fixed word.</returns>
    public override string ToString() => nameof(SessionId);

    /// <summary>The access code that the session will be finished under; another one for each <paramref name="draw"/>, should a code be in use.</summary>
    internal AccessCode AccessCode(int draw) => Sessions.AccessCode.Of(Derive([.. "TokenBroker session access code "u8, checked((byte)draw)]));

    /// <summary>What the tokens of a device wait under, in an access code's place: nobody has to type it.</summary>
    internal byte[] DeviceGrantCode() => Derive("TokenBroker session device grant"u8);

    /// <summary>The id of the session that a device code, which has the same form, stands for: the game derives it, the browser cannot go back.</summary>
    internal SessionId OfDevice() => new(CreatedAt, Derive("TokenBroker session device"u8));

    private string Encode(ReadOnlySpan<byte> bits)
    {
        Span<char> text = stackalloc char[TextLength];
        CreatedAt.ToUnixTimeMilliseconds().TryFormat(text, out _, "x12", CultureInfo.InvariantCulture);
        Base64Url.EncodeToChars(bits, text[TimeLength..]);
        return new(text);
    }

    /// <summary>The secret is evenly random already, so that HKDF needs no extraction before it expands (RFC 5869 §3.3).</summary>
    private byte[] Derive(ReadOnlySpan<byte> purpose)
    {
        var derived = new byte[SecretLength];
        HKDF.Expand(HashAlgorithmName.SHA256, _secret, derived, purpose);
        return derived;
    }

    private static bool TryReadTime(string text, out DateTimeOffset time)
    {
        time = default;
        if (!long.TryParse(text.AsSpan(0, TimeLength), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var milliseconds) ||
            milliseconds > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() - (long)Session.Lifetime.TotalMilliseconds)
        {
            return false;
        }
        time = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
        return true;
    }
}
