using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using TokenBroker.Secrets;

namespace TokenBroker.Sessions;

/// <summary>
/// What stands behind the session id in the browser's cookie once its sign-in is finished: enough for the page with the access code, which
/// follows from the id, so that showing it asks no storage.
/// </summary>
/// <param name="App">The app's name.</param>
/// <param name="Draw">Which of the session's access codes was taken; null where a device waits for the tokens.</param>
/// <param name="Seal">Shows that it was written here, for this very session id.</param>
internal sealed record Receipt(string App, int? Draw, string Seal)
{
    // An app's name has only letters and digits, a seal hexadecimal digits.
    private const char Separator = '.';

    /// <summary>As the cookie carries it.</summary>
    public string Text => string.Create(CultureInfo.InvariantCulture, $"{App}{Separator}{Draw}{Separator}{Seal}");

    /// <summary>Writes one.</summary>
    public static Receipt For(SessionId id, string app, int? draw, ProtectionKey key) => new(app, draw, SealOf(id, app, draw, key));

    /// <summary>Reads what <see cref="Text"/> wrote; null when it is anything else.</summary>
    public static Receipt? TryParse(string text) => text.Split(Separator) switch
    {
        [var app, "", var seal] => new(app, null, seal),
        [var app, [>= '0' and <= '9' and var draw], var seal] => new(app, draw - '0', seal),
        _ => null,
    };

    /// <summary>Whether it was written here for a session id, in constant time.</summary>
    public bool IsFor(SessionId id, IEnumerable<ProtectionKey> keys) => keys.Any(key =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Seal), Encoding.UTF8.GetBytes(SealOf(id, App, Draw, key))));

    private static string SealOf(SessionId id, string app, int? draw, ProtectionKey key) => key.ReceiptSeal(string.Create(CultureInfo.InvariantCulture, $"{id.Text} {app} {draw}"));
}
