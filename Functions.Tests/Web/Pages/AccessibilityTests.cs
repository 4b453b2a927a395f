using System.Text.Json;
using Microsoft.Playwright;
using TokenBroker.Tests.Infrastructure;
using TokenBroker.Web.Pages;

namespace TokenBroker.Tests.Web.Pages;

/// <summary>Every page in every language, by the rules of axe (WCAG 2.2), on the narrowest screen and by keyboard.</summary>
public sealed class AccessibilityTests
{
    public static TheoryData<string> Languages => [.. Language.Tags];

    [ToolTheory("chromium")]
    [MemberData(nameof(Languages))]
    public async Task No_page_breaks_a_rule_or_is_wider_than_320_pixels(string tag)
    {
        // Light with a name that is hard to set, dark with a game's own logo and colours.
        foreach (var (scheme, app) in new[] { (ColorScheme.Light, SamplePages.App), (ColorScheme.Dark, SamplePages.Branded) })
        {
            await using var player = await Chromium.NewPlayerAsync(
                options: new() { ColorScheme = scheme, ViewportSize = new() { Width = 320, Height = 640 } });
            foreach (var (name, page) in SamplePages.All(app))
            {
                await player.ShowAsync(SamplePages.Html(page, PageTests.LanguageOf(tag)));
                // As it is, and with the reader's letters twice as large (WCAG 2.2 §1.4.4).
                foreach (var size in new[] { "", "36px" })
                {
                    await player.Page.EvaluateAsync("size => document.documentElement.style.fontSize = size", size);
                    Assert.True(await player.Page.EvaluateAsync<int>("document.documentElement.scrollWidth") <= 320,
                        $"{name} is wider than 320 pixels {size}.");
                }
                await player.Page.EvaluateAsync("document.documentElement.style.fontSize = ''");
                await player.Page.AddScriptTagAsync(new() { Path = Repository.File("node_modules", "axe-core", "axe.min.js") });
                Assert.True(await ViolationsAsync(player) is "", $"{name}: {await ViolationsAsync(player)}");
                if (name != "AccessCode")
                    continue;
                // And what the script shows at the end.
                await player.Page.EvaluateAsync(
                    "document.getElementById('live').hidden = true; document.getElementById('over').hidden = false");
                Assert.Equal("", await ViolationsAsync(player));
            }
        }
    }

    /// <summary>Tab goes through all that can be used, in the order in which it is read, and shows where it is.</summary>
    [ToolTheory("chromium")]
    [InlineData("en")]
    [InlineData("ar")]
    public async Task The_keyboard_comes_to_everything_in_the_order_of_reading(string tag)
    {
        await using var player = await Chromium.NewPlayerAsync(options: new() { ViewportSize = new() { Width = 390, Height = 844 } });
        foreach (var (name, page) in SamplePages.All(SamplePages.Branded))
        {
            await player.ShowAsync(SamplePages.Html(page, PageTests.LanguageOf(tag)));
            var expected = await player.Page.EvaluateAsync<string[]>("""
                () => {
                  document.querySelectorAll('button').forEach(button => { button.disabled = false; });
                  const seen = new Set();
                  return [...document.querySelectorAll('a[href], button, input:not([type=hidden])')]
                    // Of several radio buttons Tab comes to one.
                    .filter(each => each.offsetParent && !(each.type === 'radio' && (seen.has(each.name) || !seen.add(each.name))))
                    .map((each, index) => { each.dataset.order = index; return String(index); });
                }
                """);
            var reached = new List<string>();
            foreach (var _ in expected)
            {
                await player.Page.Keyboard.PressAsync("Tab");
                reached.Add(await player.Page.EvaluateAsync<string>("document.activeElement.dataset.order ?? ''"));
                Assert.Equal("solid", await player.Page.EvaluateAsync<string>("getComputedStyle(document.activeElement).outlineStyle"));
            }
            Assert.True(expected.SequenceEqual(reached), $"{name}: {string.Join(' ', reached)}");
        }
    }

    /// <summary>Where colours are the reader's own and nothing may move, everything is still there.</summary>
    [ToolFact("chromium")]
    public async Task Forced_colours_and_reduced_motion_take_nothing_away()
    {
        await using var player = await Chromium.NewPlayerAsync(
            options: new() { ForcedColors = ForcedColors.Active, ReducedMotion = ReducedMotion.Reduce });
        foreach (var (name, page) in SamplePages.All(SamplePages.Branded))
        {
            await player.ShowAsync(SamplePages.Html(page, PageTests.LanguageOf("en")));
            // A button is told from text by its border, a cell of the code by its own.
            var borders = await player.Page.EvaluateAsync<bool>(
                "[...document.querySelectorAll('.button:not([hidden]), .cell')]" +
                ".every(each => parseFloat(getComputedStyle(each).borderTopWidth) > 0)");
            Assert.True(borders, name);
            Assert.Equal(0, await player.Page.EvaluateAsync<int>("document.getAnimations().length"));
        }
    }

    private static async Task<string> ViolationsAsync(Player player)
    {
        var violations = await player.Page.EvaluateAsync<JsonElement>(
            "axe.run().then(result => result.violations.map(one => one.id + ': ' + one.nodes.map(node => node.html).join(' ')))");
        return violations.GetArrayLength() == 0 ? "" : violations.ToString();
    }
}
