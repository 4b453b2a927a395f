namespace TokenBroker.Sessions;

/// <summary>
/// What the game holds of a device's sign-in (RFC 8628 §3.2): the time it began and 256 random bits, from which the session's id follows.
/// The browser holds that id, and cannot poll with it.
/// </summary>
public sealed class DeviceCode
{
    private readonly SessionId _bits;

    private DeviceCode(SessionId bits)
    {
        _bits = bits;
        SessionId = bits.OfDevice();
    }

    /// <summary>The code as the game sends it, in the form of a session id. A secret.</summary>
    public string Text => _bits.Text;

    /// <summary>The session that the player finishes in the browser.</summary>
    public SessionId SessionId { get; }

    /// <summary>Starts a device's sign-in.</summary>
    /// <param name="now">The present.</param>
    /// <returns>A new code.</returns>
    public static DeviceCode New(DateTimeOffset now) => new(SessionId.New(now));

    /// <summary>Reads what <see cref="Text"/> wrote.</summary>
    /// <param name="text">The game's <c>device_code</c>.</param>
    /// <returns>The code; null when the text is none.</returns>
    public static DeviceCode? TryParse(string? text) => SessionId.TryParse(text) is { } bits ? new(bits) : null;

    /// <summary>Whether its five minutes are over, which it tells by itself.</summary>
    /// <param name="now">The present.</param>
    /// <returns>Whether it is too late.</returns>
    public bool IsExpired(DateTimeOffset now) => now >= _bits.CreatedAt + Session.Lifetime;

    /// <summary>Shows nothing of the code.</summary>
    /// <returns>A fixed word.</returns>
    public override string ToString() => nameof(DeviceCode);
}
