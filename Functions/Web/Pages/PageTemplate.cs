using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace TokenBroker.Web.Pages;

/// <summary>
/// The frame of every page: a card with the game's logo, name and colours, light or dark as the reader has it, nothing loaded from
/// anywhere. The script in page.js only adds to what works without it: a button that copies, a clock that runs.
/// </summary>
internal static class PageTemplate
{
    /// <summary>How many characters of the trace id are shown: enough to find the line in the log, short enough to be read out.</summary>
    private const int ReferenceLength = 12;

    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);
    private static readonly string Style = Read("page.css");
    private static readonly string Script = Read("page.js");
    private static readonly string StyleHash = Hash(Style);
    private static readonly string ScriptHash = Hash(Script);

    /// <summary>
    /// Allows only the style sheet, the script and the game's own colours, each by its hash, pictures inside the page, no frame, and a
    /// form that goes where <paramref name="formAction"/> says.
    /// </summary>
    public static string ContentSecurityPolicy(App? app, string formAction)
    {
        return $"default-src 'none'; style-src '{StyleHash}'{GameLook.Of(app).StyleSource}; script-src '{ScriptHash}'; " +
            $"img-src data:; base-uri 'none'; frame-ancestors 'none'; form-action {formAction}";
    }

    /// <summary>The page, in pieces of which the large ones are the same in every page.</summary>
    /// <param name="page">The page, with the game whose look it has.</param>
    /// <param name="language">The player's language.</param>
    /// <param name="traceId">The id of the request in the log, of which an error page shows the beginning.</param>
    public static string[] Html(Page page, Language language, string traceId)
    {
        var (app, texts) = (page.App, language.Texts);
        var (heading, content) = page.Write(texts);
        var reference = page.IsError ? $"\n<p class=\"soft\">{Reference(texts, traceId)}</p>" : "";
        var look = GameLook.Of(app);
        var top = $"{IconOf(page)}<h1>{Encode(heading)}</h1>\n";
        return Frame(language.Tag, language.IsRightToLeft, look, heading, [look.Brand, top, content, reference], Footer(app, texts));
    }

    /// <summary>A page of any content; the emulated providers' pages have the same look.</summary>
    public static string[] Frame(
        string tag, bool isRightToLeft, GameLook look, string title, ReadOnlySpan<string> main, string footer)
    {
        var head = $"""
            <!DOCTYPE html>
            <html lang="{tag}" dir="{(isRightToLeft ? "rtl" : "ltr")}">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="robots" content="noindex">
            <link rel="icon" href="{look.TabIcon}">
            <title>{Encode(title)}{look.TitleEnd}</title>

            """;
        return
        [
            head, "<style>", Style, "</style>", look.Style, "\n</head>\n<body>\n<main>\n", .. main, "\n</main>\n", footer,
            "<script>", Script, "</script>\n</body>\n</html>\n",
        ];
    }

    /// <summary>Text as HTML. Whatever comes from outside goes through here.</summary>
    public static string Encode(string text) => Encoder.Encode(text);

    /// <summary>
    /// A text of the pages as HTML, with names in their places: each stands by itself, whichever direction its script has.
    /// </summary>
    public static string Fill(string text, params ReadOnlySpan<string> names)
    {
        var html = Encode(text);
        for (var index = 0; index < names.Length; index++)
            html = html.Replace($"{{{index}}}", $"<bdi>{Encode(names[index])}</bdi>", StringComparison.Ordinal);
        return html;
    }

    /// <summary>How many minutes to wait at most, as HTML: a number, beside which every language has its own word.</summary>
    public static string WholeMinutes(TimeSpan span) =>
        string.Create(CultureInfo.InvariantCulture,
            $"<time datetime=\"PT{Math.Ceiling(span.TotalMinutes)}M\">{Math.Ceiling(span.TotalMinutes)}</time>");

    /// <summary>A time span in minutes and seconds.</summary>
    public static string Minutes(TimeSpan span) =>
        string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalMinutes}:{span.Seconds:00}");

    private static string Reference(Texts texts, string traceId)
    {
        var shown = $"<bdi id=\"reference\">{traceId[..Math.Min(ReferenceLength, traceId.Length)]}</bdi>";
        return Encode(texts.Reference).Replace("{0}", shown, StringComparison.Ordinal);
    }

    private static string IconOf(Page page) => page.Icon == Icon.None
        ? ""
        : $"<div class=\"icon {(page.IsError || page.Icon is Icon.Cross or Icon.Warning ? "bad" : "good")}\">{page.Icon.Svg()}</div>\n";

    private static string Footer(App? app, Texts texts)
    {
        var links = app?.Branding.Links ?? new();
        (Uri? Url, string Text)[] all =
            [(links.Home, texts.Website), (links.Privacy, texts.Privacy), (links.Terms, texts.Terms), (links.Support, texts.Support)];
        var shown = all.Where(link => link.Url is not null)
            .Select(link => $"<a href=\"{Encode(link.Url!.AbsoluteUri)}\">{Encode(link.Text)}</a>").ToList();
        return shown.Count == 0 ? "" : $"<footer>\n{string.Join('\n', shown)}\n</footer>\n";
    }

    // Browsers hash what they have read, with newlines as LF, however the file was checked out.
    private static string Read(string name)
    {
        using var file = typeof(PageTemplate).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"'{name}' is not embedded.");
        using var reader = new StreamReader(file);
        return reader.ReadToEnd().ReplaceLineEndings("\n").TrimEnd('\n');
    }

    /// <summary>A text as a source of Content Security Policy.</summary>
    public static string Hash(string text) => $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";
}
