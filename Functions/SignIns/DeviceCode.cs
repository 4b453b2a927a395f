using System.Buffers.Text;

namespace TokenBroker.SignIns;

/// <summary>
/// What the game holds of a device's sign-in (RFC 8628 §3.2): the time it began and 256 random bits, from which the session's id is
/// derived. The browser holds that id, and cannot poll with it.
/// </summary>
public sealed class DeviceCode
{
    private readonly SessionId _bits;

    private DeviceCode(SessionId bits) => (_bits, SessionId) = (bits, bits.DeriveId("device"));

    /// <summary>The code as the game sends it, in the form of a session id. A secret.</summary>
    public string Text => _bits.Text;

    /// <summary>The session that the player completes in the browser.</summary>
    public SessionId SessionId { get; }

    /// <summary>Begins a device's sign-in.</summary>
    /// <param name="now">The present.</param>
    /// <returns>A new code.</returns>
    public static DeviceCode New(DateTimeOffset now) => new(SessionId.New(now));

    /// <summary>Reads what <see cref="Text"/> wrote.</summary>
    /// <param name="text">The game's <c>device_code</c>.</param>
    /// <returns>The code; null when the text is none.</returns>
    public static DeviceCode? TryParse(string? text) => SessionId.TryParse(text) is { } bits ? new(bits) : null;

    /// <summary>What seals the tokens of a device in an access code's place: nobody types it, so it has 256 bits.</summary>
    /// <param name="id">The session's id.</param>
    /// <returns>43 characters of base64url. A secret.</returns>
    public static string TokenSecretOf(SessionId id) => Base64Url.EncodeToString(id.Derive("device tokens"));

    /// <summary>Shows nothing of the code.</summary>
    /// <returns>A fixed word.</returns>
    public override string ToString() => nameof(DeviceCode);
}
