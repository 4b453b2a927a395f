using System.Globalization;

namespace TokenBroker.Sessions;

/// <summary>
/// What stands behind the session id in the browser's cookie once its sign-in is finished: enough for the page with the access code, which
/// follows from the id, so that showing it asks no storage. Whoever makes one up sees what the id gives away anyhow: a code that opens nothing until their own sign-in is finished.
/// </summary>
/// <param name="App">The app's name.</param>
/// <param name="Draw">Which of the session's access codes was taken; null where a device waits for the tokens.</param>
internal sealed record Receipt(string App, int? Draw)
{
    // An app's name has only letters and digits.
    private const char Separator = '.';

    /// <summary>As the cookie carries it.</summary>
    public string Text => string.Create(CultureInfo.InvariantCulture, $"{App}{Separator}{Draw}");

    /// <summary>Reads what <see cref="Text"/> wrote; null when it is anything else.</summary>
    public static Receipt? TryParse(string text)
    {
        var end = text.IndexOf(Separator, StringComparison.Ordinal);
        if (end < 0)
            return null;
        var draw = text.AsSpan(end + 1);
        return draw.Length == 0 ? new(text[..end], null)
            : draw.Length == 1 && char.IsAsciiDigit(draw[0]) ? new(text[..end], draw[0] - '0')
            : null;
    }
}
