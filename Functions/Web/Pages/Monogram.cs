namespace TokenBroker.Web.Pages;

/// <summary>One or two letters of a game's name: in the place of a logo, and as the picture of the browser's tab.</summary>
internal static class Monogram
{
    private const string LightAccent = "#0b57d0";

    /// <summary>The first letter of the first two words that begin with a letter or a digit.</summary>
    public static string Of(string name)
    {
        var words = name.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            .Where(word => Rune.IsLetterOrDigit(Rune.GetRuneAt(word, 0)));
        // A text element, so that letters of several code points stay whole.
        var letters = string.Concat(words.Take(2).Select(word => StringInfo.GetNextTextElement(word)));
        return letters.Length > 0 ? letters.ToUpperInvariant() : StringInfo.GetNextTextElement(name);
    }

    /// <summary>The picture as a data URI.</summary>
    public static string Picture(App app)
    {
        var svg = $"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 64 64'>" +
            $"<rect width='64' height='64' rx='14' fill='{app.Branding.Light ?? LightAccent}'/>" +
            "<text x='32' y='43' font-family='system-ui,sans-serif' font-size='30' font-weight='700' text-anchor='middle' fill='#fff'>" +
            $"{PageTemplate.Encode(Of(app.DisplayName))}</text></svg>";
        return $"data:image/svg+xml,{Uri.EscapeDataString(svg)}";
    }
}
