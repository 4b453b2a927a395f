using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace TokenBroker.Apps;

/// <summary>How a game's pages look beside its name; all of it optional.</summary>
/// <param name="Logo">A picture as a data URI, inside the page.</param>
/// <param name="Light">The accent colour where the page is light, as <c>#rrggbb</c>.</param>
/// <param name="Dark">The accent colour where the page is dark.</param>
public sealed record Branding(string? Logo = null, string? Light = null, string? Dark = null)
{
    /// <summary>Its keys in the section of an app.</summary>
    internal static readonly string[] Keys =
        ["Logo", "AccentColor", "AccentColorDark", "HomeUrl", "PrivacyUrl", "TermsUrl", "SupportUrl"];

    /// <summary>The links at the foot of the pages.</summary>
    public AppLinks Links { get; init; } = new();

    /// <summary>The largest logo, in bytes of its data URI. Without it pages stay below 14 KB.</summary>
    public const int MaxLogoLength = 6 * 1024;

    /// <summary>What WCAG 2.2 §1.4.3 asks of text: the accent is the text of links and buttons.</summary>
    public const double MinContrast = 4.5;

    /// <summary>The page's backgrounds; see the style sheet in PageTemplate.</summary>
    internal const string LightPaper = "#ffffff", DarkPaper = "#15171b";

    private static readonly Dictionary<string, string> Types = new(StringComparer.OrdinalIgnoreCase)
    {
        [".svg"] = "image/svg+xml",
        [".png"] = "image/png",
        [".webp"] = "image/webp",
        [".jpg"] = "image/jpeg",
    };

    /// <exception cref="ConfigurationException">A value is wrong.</exception>
    internal static Branding Read(IConfigurationSection section)
    {
        var problems = new ConfigurationProblems();
        var light = problems.Try(() => ReadColor(section, "AccentColor", LightPaper));
        var dark = problems.Try(() =>
            ReadColor(section, "AccentColorDark", DarkPaper) ?? ReadColor(section, "AccentColor", DarkPaper));
        var branding = new Branding(problems.Try(() => Picture(section, "Logo")), light, dark)
        {
            Links = new(Link("HomeUrl"), Link("PrivacyUrl"), Link("TermsUrl"), Link("SupportUrl")),
        };
        problems.ThrowIfAny();
        return branding;

        Uri? Link(string key) => problems.Try(() =>
            section[key] is { Length: > 0 } url ? WebAddress.Parse($"{section.Path}:{key}", url) : null);
    }

    /// <summary>The contrast ratio of two colours (WCAG 2.2, "contrast ratio").</summary>
    internal static double Contrast(string one, string other)
    {
        var (a, b) = (Luminance(one), Luminance(other));
        return (Math.Max(a, b) + 0.05) / (Math.Min(a, b) + 0.05);
    }

    private static string? ReadColor(IConfigurationSection section, string key, string paper)
    {
        if (section[key] is not { Length: > 0 } color)
            return null;
        if (color.Length != 7 || color[0] != '#' || !color.Skip(1).All(char.IsAsciiHexDigit))
            throw new ConfigurationException($"{section.Path}:{key}", "must be a colour such as #0b57d0.");
        var contrast = Contrast(color, paper);
        if (contrast >= MinContrast)
            return color;
        var page = paper == LightPaper ? "light" : "dark";
        var hint = paper == DarkPaper && key == "AccentColor" ? " Set AccentColorDark to another shade." : "";
        throw new ConfigurationException(
            $"{section.Path}:{key}",
            string.Create(CultureInfo.InvariantCulture,
                $"has a contrast of {contrast:0.0} on the {page} page; {MinContrast} are needed.{hint}"));
    }

    /// <summary>A picture as a data URI; null where the key is not set.</summary>
    /// <exception cref="ConfigurationException">It is no picture, or too large.</exception>
    internal static string? Picture(IConfigurationSection section, string name)
    {
        var key = $"{section.Path}:{name}";
        if (section[name] is not { Length: > 0 } logo)
            return null;
        if (!logo.StartsWith("data:", StringComparison.Ordinal))
        {
            var path = Path.Combine(AppContext.BaseDirectory, logo);
            if (!Types.TryGetValue(Path.GetExtension(path), out var type))
                throw new ConfigurationException(
                    key, $"must be a data URI, or a file of one of these types: {string.Join(", ", Types.Keys)}.");
            if (!File.Exists(path))
                throw new ConfigurationException(key, "names no file of the app.");
            logo = $"data:{type};base64,{Convert.ToBase64String(File.ReadAllBytes(path))}";
        }
        else if (!Types.Values.Any(type => logo.StartsWith($"data:{type}", StringComparison.Ordinal)))
        {
            throw new ConfigurationException(key, $"must be a picture of one of these types: {string.Join(", ", Types.Values)}.");
        }
        // As it stands in the page, where some characters take six bytes.
        var length = HtmlEncoder.Create(UnicodeRanges.All).Encode(logo).Length;
        if (length > MaxLogoLength)
            throw new ConfigurationException(key, $"has {length} bytes in the page; at most {MaxLogoLength} are allowed.");
        return logo;
    }

    private static double Luminance(string color)
    {
        var channels = Enumerable.Range(0, 3).Select(index => Linear(color.AsSpan(1 + (2 * index), 2))).ToArray();
        return (0.2126 * channels[0]) + (0.7152 * channels[1]) + (0.0722 * channels[2]);

        static double Linear(ReadOnlySpan<char> hex)
        {
            var value = int.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture) / 255.0;
            return value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4);
        }
    }
}

/// <summary>Where players find more about a game; null for what it does not have.</summary>
/// <param name="Home">Its site.</param>
/// <param name="Privacy">Its privacy policy, which Google's brand verification asks for.</param>
/// <param name="Terms">Its terms of service.</param>
/// <param name="Support">Where players get help.</param>
public sealed record AppLinks(Uri? Home = null, Uri? Privacy = null, Uri? Terms = null, Uri? Support = null);
