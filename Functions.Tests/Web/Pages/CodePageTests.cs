using TokenBroker.Tests.Infrastructure;
using TokenBroker.Web.Pages;

namespace TokenBroker.Tests.Web.Pages;

/// <summary>How the access code stands on its page, with the fonts and screens that players have.</summary>
public sealed class CodePageTests
{
    private static readonly (int Width, int Height)[] Screens = [(320, 568), (390, 844), (844, 390), (1280, 800), (1920, 1080)];

    public static TheoryData<string> Languages => [.. Language.Tags];

    [ToolTheory("chromium", "fonts")]
    [MemberData(nameof(Languages))]
    public async Task The_code_stands_in_two_rows_of_four_or_one_of_eight_and_its_button_is_in_view(string tag)
    {
        await using var player = await Chromium.NewPlayerAsync();
        var html = SamplePages.Html(SamplePages.All(SamplePages.Branded)["AccessCode"], PageTests.LanguageOf(tag));
        await player.ShowAsync(html);
        foreach (var font in Tools.Fonts)
        {
            foreach (var percent in new[] { 100, 200 })
            {
                foreach (var (width, height) in Screens)
                {
                    await player.Page.SetViewportSizeAsync(width, height);
                    var seen = await player.Page.EvaluateAsync<Seen>(Look, new { font, percent });
                    var where = $"{font}, {percent} %, {width} x {height}";
                    Assert.True(seen.Rows is "4,4" or "8", $"{where}: rows of {seen.Rows}");
                    Assert.True(seen.Overflows.Length == 0, $"{where}: {seen.Overflows}");
                    Assert.True(seen.Size <= 64, $"{where}: {seen.Size} px a character");
                    // With letters twice as large a small screen has no room for more than the code.
                    var mustBeInView = percent == 100 || height >= 800;
                    Assert.True(!mustBeInView || seen.ButtonEnds <= height, $"{where}: the button ends at {seen.ButtonEnds}");
                }
            }
        }
    }

    [ToolTheory("chromium", "fonts")]
    [InlineData("en")]
    [InlineData("de")]
    [InlineData("ja")]
    public async Task All_of_the_page_is_above_the_fold_of_a_laptop(string tag)
    {
        await using var player = await Chromium.NewPlayerAsync(options: new() { ViewportSize = new() { Width = 1280, Height = 800 } });
        await player.ShowAsync(SamplePages.Html(SamplePages.All(SamplePages.Branded)["AccessCode"], PageTests.LanguageOf(tag)));
        Assert.True(await player.Page.EvaluateAsync<double>("document.documentElement.scrollHeight") <= 800);
    }

    /// <summary>No name of a property: the cells' shapes alone, as somebody sees them who does not know how tall a letter is.</summary>
    [ToolFact("chromium")]
    public async Task Capitals_small_letters_and_digits_have_cells_of_three_shapes()
    {
        await using var player = await Chromium.NewPlayerAsync();
        await player.ShowAsync(SamplePages.Html(SamplePages.All(SamplePages.Plain)["AccessCode"], PageTests.LanguageOf("en")));
        var shapes = await player.Page.EvaluateAsync<string[]>("""
            () => ['upper', 'lower', 'digit'].map(kind => {
              const style = getComputedStyle(document.querySelector(`.legend .${kind}`));
              return [style.borderStyle, style.borderTopWidth, style.borderBottomWidth, style.borderRadius].join(' ');
            })
            """);
        Assert.Equal(3, shapes.Distinct().Count());
    }

    /// <summary>Text of a set size: 18 to 20 pixels with a pointer, 26 and more where nothing hovers over a large screen.</summary>
    [ToolTheory("chromium")]
    [InlineData(1280, 800, false, 18, 20)]
    [InlineData(1920, 1080, false, 18, 20)]
    [InlineData(390, 844, true, 18, 20)]
    [InlineData(1920, 1080, true, 26, 40)]
    [InlineData(1280, 720, true, 26, 40)]
    public async Task Letters_are_as_large_as_the_screen_is_far(int width, int height, bool touch, double least, double most)
    {
        await using var player = await Chromium.NewPlayerAsync(options: new()
        {
            ViewportSize = new() { Width = width, Height = height },
            HasTouch = touch,
            IsMobile = touch,
        });
        await player.ShowAsync(SamplePages.Html(SamplePages.All(SamplePages.Plain)["Expired"], PageTests.LanguageOf("en")));
        var size = await player.Page.EvaluateAsync<double>("parseFloat(getComputedStyle(document.querySelector('h1 + p')).fontSize)");
        Assert.InRange(size, least, most);
    }

    private const string Look = """
        ({ font, percent }) => {
          document.documentElement.style.fontSize = '';
          const size = parseFloat(getComputedStyle(document.documentElement).fontSize);
          document.documentElement.style.fontSize = percent === 100 ? '' : `${size * 2}px`;
          const code = document.getElementById('access-code'), copy = document.getElementById('copy');
          code.style.fontFamily = `'${font}'`;
          const rows = new Map();
          for (const cell of code.children) {
            const top = Math.round(cell.getBoundingClientRect().top);
            rows.set(top, (rows.get(top) ?? 0) + 1);
          }
          const wide = document.documentElement.scrollWidth > innerWidth ? ['the page is wider than the screen'] : [];
          for (const cell of code.children)
            if (cell.scrollWidth > cell.clientWidth + 1) wide.push(`${cell.textContent} is wider than its cell`);
          scrollTo(0, 0);
          return { rows: [...rows.values()].join(), overflows: wide.join('; '), size: parseFloat(getComputedStyle(code).fontSize),
                   buttonEnds: copy.getBoundingClientRect().bottom };
        }
        """;

    private sealed class Seen
    {
        public string Rows { get; set; } = "";

        public string Overflows { get; set; } = "";

        public double Size { get; set; }

        public double ButtonEnds { get; set; }
    }
}
