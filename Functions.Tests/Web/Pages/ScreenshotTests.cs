using Microsoft.Playwright;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Web.Pages;

/// <summary>
/// Pictures of every page for people to look at: <c>dotnet test --filter Screenshots</c> leaves them in <c>artifacts/screenshots</c>.
/// </summary>
public sealed class ScreenshotTests
{
    /// <summary>With CI=true no more than these are taken: a thousand pictures that nobody looks at take two minutes.</summary>
    private static readonly string[] TakenInCI = ["AccessCode", "ConfirmDevice, by link", "ChooseProvider", "BadLink"];

    private static readonly (string Name, int Width, int Height)[] Screens =
        [("phone", 390, 844), ("desktop", 1280, 800), ("tv", 1920, 1080), ("small", 320, 568)];

    [ToolTheory("chromium")]
    [InlineData("en")]
    [InlineData("de")]
    [InlineData("ja")]
    [InlineData("ar")]
    public async Task Screenshots_of_every_page_are_made(string tag)
    {
        foreach (var (name, width, height) in Screens)
        {
            foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
            {
                // Nothing hovers on a television or a phone.
                await using var player = await Chromium.NewPlayerAsync(options: new()
                {
                    ColorScheme = scheme,
                    ViewportSize = new() { Width = width, Height = height },
                    HasTouch = name != "desktop",
                    IsMobile = name != "desktop",
                });
                var folder = Repository.File("artifacts", "screenshots", $"{name}-{scheme.ToString().ToLowerInvariant()}-{tag}");
                var samples = SamplePages.All(scheme == ColorScheme.Light ? SamplePages.Branded : SamplePages.Plain)
                    .Where(each => Environment.GetEnvironmentVariable("CI") != "true" || TakenInCI.Contains(each.Key));
                foreach (var (page, sample) in samples)
                {
                    await player.ShowAsync(SamplePages.Html(sample, PageTests.LanguageOf(tag)));
                    await player.Page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{page.Replace(' ', '-')}.png") });
                }
            }
        }
    }
}
