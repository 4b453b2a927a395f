using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace TokenBroker.Web.Pages;

/// <summary>
/// The frame of every page: one column, light or dark as the reader has it, nothing loaded from anywhere. The script in page.js only adds
/// to what works without it: a button that copies, a clock that runs.
/// </summary>
internal static class PageTemplate
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);
    private static readonly string Style = Read("page.css");
    private static readonly string Script = Read("page.js");
    private static readonly string StyleHash = Hash(Style);
    private static readonly string ScriptHash = Hash(Script);

    /// <summary>
    /// Allows only the style sheet, the script and the game's own colours, each by its hash, a logo inside the page, no frame, and a form
    /// that goes where <paramref name="formAction"/> says.
    /// </summary>
    public static string ContentSecurityPolicy(App? app, string formAction)
    {
        var colors = AppStyle(app) is { Length: > 0 } style ? $" '{Hash(style)}'" : "";
        return $"default-src 'none'; style-src '{StyleHash}'{colors}; script-src '{ScriptHash}'; img-src data:; base-uri 'none'; " +
            $"frame-ancestors 'none'; form-action {formAction}";
    }

    /// <summary>The page, in pieces of which the large ones are the same in every page.</summary>
    public static string[] Html(Language language, App? app, string heading, string content)
    {
        var title = Encode(heading);
        var colors = AppStyle(app) is { Length: > 0 } style ? $"<style>{style}</style>" : "";
        var logo = app?.Branding.Logo is { } image
            ? $"<img class=\"logo\" src=\"{Encode(image)}\" alt=\"{Encode(app.DisplayName)}\">"
            : "";
        var head = $"""
            <!DOCTYPE html>
            <html lang="{language.Tag}" dir="{(language.IsRightToLeft ? "rtl" : "ltr")}">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <link rel="icon" href="data:,">
            <title>{title}</title>

            """;
        var body = $"""

            {colors}
            </head>
            <body>
            <main>
            {logo}
            <h1>{title}</h1>

            """;
        return [head, "<style>", Style, "</style>", body, content, "\n</main>\n<script>", Script, "</script>\n</body>\n</html>\n"];
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

    private static string AppStyle(App? app)
    {
        var (light, dark) = (app?.Branding.Light, app?.Branding.Dark);
        return (light is null ? "" : $":root{{--accent:{light}}}") +
            (dark is null ? "" : $"@media (prefers-color-scheme:dark){{:root{{--accent:{dark}}}}}");
    }

    // Browsers hash what they have read, with newlines as LF, however the file was checked out.
    private static string Read(string name)
    {
        using var file = typeof(PageTemplate).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"'{name}' is not embedded.");
        using var reader = new StreamReader(file);
        return reader.ReadToEnd().ReplaceLineEndings("\n").TrimEnd('\n');
    }

    private static string Hash(string text) => $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";
}
