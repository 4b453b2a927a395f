using System.Runtime.CompilerServices;
using static TokenBroker.Web.Pages.PageTemplate;

namespace TokenBroker.Web.Pages;

/// <summary>What a game's pages have in common, written once for each game.</summary>
internal sealed class GameLook
{
    private static readonly ConditionalWeakTable<App, GameLook> All = [];

    /// <summary>The look of pages of no game.</summary>
    public static readonly GameLook None = new();

    private GameLook()
    {
    }

    private GameLook(App app)
    {
        var (light, dark) = (app.Branding.Light, app.Branding.Dark);
        var style = (light is null ? "" : $":root{{--accent:{light}}}") +
            (dark is null ? "" : $"@media (prefers-color-scheme:dark){{:root{{--accent:{dark}}}}}");
        if (style.Length > 0)
            (Style, StyleSource) = ($"<style>{style}</style>", $" '{Hash(style)}'");
        var picture = app.Branding.Logo is { } logo
            ? $"<img class=\"logo\" src=\"{Encode(logo)}\" alt=\"\">"
            : $"<span class=\"mono\" aria-hidden=\"true\">{Encode(Monogram.Of(app.DisplayName))}</span>";
        Brand = $"<p class=\"brand\">{picture} <bdi>{Encode(app.DisplayName)}</bdi></p>\n";
        TitleEnd = Encode($" – {app.DisplayName}");
        TabIcon = Encode(Monogram.Picture(app));
    }

    /// <summary>The game's logo or monogram, and its name.</summary>
    public string Brand { get; } = "";

    /// <summary>Its colours, as a style element.</summary>
    public string Style { get; } = "";

    /// <summary>What lets that element through, as a source of Content Security Policy.</summary>
    public string StyleSource { get; } = "";

    /// <summary>What stands behind the page's own title.</summary>
    public string TitleEnd { get; } = "";

    /// <summary>The address of the picture of the browser's tab.</summary>
    public string TabIcon { get; } = "data:,";

    /// <summary>The look of a game.</summary>
    public static GameLook Of(App? app) => app is null ? None : All.GetValue(app, each => new(each));
}
