using Microsoft.Net.Http.Headers;

namespace TokenBroker.Web.Pages;

/// <summary>A language of the pages. Each is read when the first player asks for it.</summary>
internal sealed class Language
{
    /// <summary>
    /// The parameter that goes before what the browser says (OpenID Connect Core 1.0 §3.1.2.1), and the cookie that keeps it for the
    /// sign-in.
    /// </summary>
    public const string Parameter = "ui_locales";

    /// <summary>More than any browser sends; the rest of the header is not looked at.</summary>
    private const int MaxAccepted = 20;

    private static readonly Language[] All =
    [
        new("en"), new("de"), new("fr"), new("es"), new("pt-BR"), new("ja"), new("ko"), new("zh-Hans"), new("zh-Hant"),
        new("ar", isRightToLeft: true),
    ];

    /// <summary>
    /// What tells that Chinese is to be written in traditional characters: the script, or the regions that write so (Unicode CLDR, likely
    /// subtags).
    /// </summary>
    private static readonly string[] Traditional = ["Hant", "TW", "HK", "MO"];

    private const string Chinese = "zh";

    private readonly string _primary;
    private readonly Lazy<Texts> _texts;

    private Language(string tag, bool isRightToLeft = false)
    {
        (Tag, IsRightToLeft, _primary) = (tag, isRightToLeft, Primary(tag).ToString());
        _texts = new(() => Read(tag));
    }

    /// <summary>The tag (BCP 47), for <c>lang</c>.</summary>
    public string Tag { get; }

    public bool IsRightToLeft { get; }

    public Texts Texts => _texts.Value;

    /// <summary>All languages' tags.</summary>
    public static IEnumerable<string> Tags => All.Select(language => language.Tag);

    /// <summary>
    /// The player's language: as <c>ui_locales</c> says, now or at the beginning of the sign-in, else as the browser does, else English.
    /// </summary>
    public static Language Of(HttpRequest request) =>
        Chosen(request) ?? First(Accepted(request)) ?? All[0];

    /// <summary>What <c>ui_locales</c> says, or said at the beginning of the sign-in; null when it said nothing.</summary>
    public static Language? Chosen(HttpRequest request) => Requested(request) ?? Remembered(request);

    private static Language? Remembered(HttpRequest request) => First([request.Cookies[Parameter]]);

    /// <summary>Keeps what <c>ui_locales</c> says for the rest of the sign-in.</summary>
    public static void Remember(HttpRequest request, BrokerOptions options)
    {
        if (Requested(request) is { } language)
            BrowserCookie.Set(request.HttpContext.Response, options, Parameter, language.Tag, Session.Lifetime);
    }

    private static Language? Requested(HttpRequest request) =>
        request.Query[Parameter] is [{ } tags] ? First(tags.Split(' ').Take(MaxAccepted)) : null;

    private static IEnumerable<string> Accepted(HttpRequest request)
    {
        if (!StringWithQualityHeaderValue.TryParseList(request.Headers.AcceptLanguage, out var accepted))
            return [];
        var wanted = accepted.Take(MaxAccepted).Where(value => value.Quality is not 0);
        return wanted.OrderByDescending(value => value.Quality ?? 1).Select(value => value.Value.ToString());
    }

    /// <summary>
    /// The first tag that is one of ours, or another form of its language: the Portuguese of Portugal is served the Brazilian.
    /// </summary>
    private static Language? First(IEnumerable<string?> tags) => tags.Select(Find).FirstOrDefault(language => language is not null);

    private static Language? Find(string? tag)
    {
        var isTraditional = IsTraditional(tag);
        return Array.Find(All, language => Primary(tag).Equals(language._primary, StringComparison.OrdinalIgnoreCase) &&
            (language._primary != Chinese || IsTraditional(language.Tag) == isTraditional));
    }

    private static bool IsTraditional(string? tag)
    {
        var subtags = (tag ?? "").Split('-');
        var isSimplified = subtags.Contains("Hans", StringComparer.OrdinalIgnoreCase);
        return !isSimplified && subtags.Skip(1).Any(subtag => Traditional.Contains(subtag, StringComparer.OrdinalIgnoreCase));
    }

    private static ReadOnlySpan<char> Primary(string? tag)
    {
        var end = tag.AsSpan().IndexOf('-');
        return end < 0 ? tag : tag.AsSpan(0, end);
    }

    private static Texts Read(string tag)
    {
        using var file = typeof(Language).Assembly.GetManifestResourceStream($"{tag}.json")
            ?? throw new InvalidOperationException($"Language '{tag}' is not embedded.");
        return JsonSerializer.Deserialize(file, TextsJson.Default.Texts)!;
    }
}
