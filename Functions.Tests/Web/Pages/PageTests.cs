using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using TokenBroker.Apps;
using TokenBroker.Providers;
using TokenBroker.Tests.Infrastructure;
using TokenBroker.Web.Pages;

namespace TokenBroker.Tests.Web.Pages;

/// <summary>What the pages say and weigh, in every language.</summary>
public sealed class PageTests
{
    private const int MaxBytes = 14 * 1024;

    public static TheoryData<string> Languages => [.. Language.Tags];

    [Fact]
    public void The_samples_hold_every_page()
    {
        var pages = new[] { typeof(BrokerPages), typeof(DevicePages) }.SelectMany(group => group.GetMethods())
            .Where(method => method.ReturnType == typeof(Page)).Select(method => method.Name);
        Assert.Equal(pages.Order(), SamplePages.All(SamplePages.App).Keys.Select(name => name.Split(',')[0]).Distinct().Order());
    }

    /// <summary>The worker does so with whatever a function has returned, after it was sent.</summary>
    [Fact]
    public void Written_as_JSON_a_page_is_short_and_shows_nothing_of_its_content() =>
        Assert.All(SamplePages.All(SamplePages.App).Values, page =>
    {
        using var json = JsonSerializer.SerializeToDocument<object>(page);
        Assert.Equal(["Status", "RetryAfter", "RefreshAfter", "FormAction"], json.RootElement.EnumerateObject()
            .Select(member => member.Name));
    });

    [Theory]
    [MemberData(nameof(Languages))]
    public void No_language_misses_a_text_or_a_name_in_it(string tag)
    {
        Assert.Equal(10, Languages.Count);
        using var english = Read("en");
        using var other = Read(tag);
        foreach (var text in english.RootElement.EnumerateObject())
        {
            var (here, there) = (TextsOf(text.Value), TextsOf(other.RootElement.GetProperty(text.Name)));
            Assert.Equal(here.Count, there.Count);
            foreach (var (original, translated) in here.Zip(there))
            {
                Assert.NotEmpty(translated.Trim());
                Assert.Equal(Places(original), Places(translated));
                if (tag != "en")
                    Assert.True(original != translated || text.Name is "Code", $"{tag}: {text.Name} is not translated.");
            }
        }
        Assert.Equal(english.RootElement.EnumerateObject().Count(), other.RootElement.EnumerateObject().Count());

        static List<string> TextsOf(JsonElement value) => value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(item => item.GetString()!)]
            : [value.GetString()!];
        static JsonDocument Read(string tag) =>
            JsonDocument.Parse(File.ReadAllText(Repository.File("Functions", "Web", "Pages", "Languages", $"{tag}.json")));
        static IEnumerable<string> Places(string text) => Regex.Matches(text, @"\{\d\}").Select(place => place.Value).Distinct().Order();
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void Every_page_is_below_14_KB_without_its_logo_and_says_its_language_and_direction(string tag)
    {
        var language = LanguageOf(tag);
        foreach (var app in new[] { SamplePages.App, SamplePages.Branded })
        {
            foreach (var (name, page) in SamplePages.All(app))
            {
                var html = SamplePages.Html(page, language);
                var logo = app.Branding.Logo is { } picture ? Encoding.UTF8.GetByteCount(PageTemplate.Encode(picture)) : 0;
                var bytes = Encoding.UTF8.GetByteCount(html) - logo;
                Assert.True(bytes <= MaxBytes, $"{name}: {bytes} bytes without the logo");
                Assert.DoesNotContain('\r', html);
                Assert.Contains($"<html lang=\"{tag}\" dir=\"{(tag == "ar" ? "rtl" : "ltr")}\">", html, StringComparison.Ordinal);
                // The script's own template is the only place for a name that is not filled.
                Assert.DoesNotMatch(@"\{\d\}", Regex.Replace(
                    html, "data-left=\"[^\"]*\"|<(script|style)>.*?</\\1>", "", RegexOptions.Singleline));
                Assert.DoesNotContain("<Sons>", html, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Every_page_in_every_language_is_valid_HTML()
    {
        var folder = Directory.CreateTempSubdirectory();
        foreach (var tag in Language.Tags)
        {
            foreach (var (name, page) in SamplePages.All(tag == "de" ? SamplePages.Branded : SamplePages.App))
                await File.WriteAllTextAsync(Path.Combine(folder.FullName, $"{tag}-{name.Replace(' ', '-')}.html"),
                    SamplePages.Html(page, LanguageOf(tag)));
        }
        // The rules of the standard and of accessibility; how a tag is written is left to us.
        var configuration = Path.Combine(folder.FullName, ".htmlvalidate.json");
        await File.WriteAllTextAsync(configuration, """{"root":true,"extends":["html-validate:standard","html-validate:a11y"]}""");
        var (exitCode, output) = await Repository.RunAsync(
            "node", "node_modules/html-validate/bin/html-validate.mjs", "--config", configuration, $"{folder.FullName}/*.html");
        folder.Delete(recursive: true);
        Assert.True(exitCode == 0, output);
    }

    [Theory]
    [InlineData("de", null, "de")]
    [InlineData("de-AT,de;q=0.9,en;q=0.8", null, "de")]
    [InlineData("nl, fr;q=0.7, de;q=0.9", null, "de")]
    [InlineData("pt-PT", null, "pt-BR")]
    [InlineData("zh-TW", null, "zh-Hant")]
    [InlineData("zh-Hant-CN", null, "zh-Hant")]
    [InlineData("zh-HK, en", null, "zh-Hant")]
    [InlineData("zh-CN", null, "zh-Hans")]
    [InlineData("zh-Hans-TW", null, "zh-Hans")]
    [InlineData("zh", null, "zh-Hans")]
    [InlineData("ja;q=0, ko", null, "ko")]
    [InlineData("nl", null, "en")]
    [InlineData("*", null, "en")]
    [InlineData("nonsense;;q=", null, "en")]
    [InlineData(null, null, "en")]
    [InlineData("de", "ar", "ar")]
    [InlineData("de", "nl es", "es")]
    [InlineData("de", "nl", "de")]
    [InlineData("de", "<script>", "de")]
    public async Task The_language_is_the_one_that_was_asked_for(string? accepted, string? asked, string expected)
    {
        await using var broker = await Broker.StartAsync();
        using var http = new HttpClient { BaseAddress = broker.Url };
        using var request = new HttpRequestMessage(HttpMethod.Get, asked is null ? "/" : $"/?ui_locales={Uri.EscapeDataString(asked)}");
        request.Headers.TryAddWithoutValidation("Accept-Language", accepted);
        var answer = await Answer.OfAsync(await http.SendAsync(request));
        Assert.Equal((200, expected, expected),
            (answer.Status, answer.Document.DocumentElement.GetAttribute("lang"), answer.Header("Content-Language")));
        Assert.Equal(LanguageOf(expected).Texts.EnterTitle, answer.Heading);
    }

    [Fact]
    public async Task What_ui_locales_said_at_the_beginning_holds_to_the_end()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        var page = await browser.FollowAsync(await browser.ApproveAsync("/create-session?scopes=basic&ui_locales=de"));
        Assert.Equal(LanguageOf("de").Texts.CodeTitle.Replace("{0}", "lifescope demo game", StringComparison.Ordinal), page.Heading);
        Assert.Contains("ui_locales=de", page.Document.QuerySelector("#over a")!.GetAttribute("href"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AccentColor", "red", "must be a colour such as #0b57d0")]
    [InlineData("AccentColor", "#12345g", "must be a colour such as #0b57d0")]
    [InlineData("AccentColor", "#ffd000", "has a contrast of 1.5 on the light page; 4.5 are needed")]
    [InlineData("AccentColor", "#0a2540", "has a contrast of 1.2 on the dark page; 4.5 are needed. Set AccentColorDark")]
    [InlineData("AccentColorDark", "#0a2540", "has a contrast of 1.2 on the dark page; 4.5 are needed")]
    [InlineData("Logo", "https://example.com/logo.png", "names no file of the app")]
    [InlineData("Logo", "logo.exe", "must be a data URI, or a file of one of these types")]
    [InlineData("Logo", "data:text/html,<script>", "must be a picture")]
    public void Branding_that_cannot_be_read_or_seen_stops_the_start(string key, string value, string problem)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Apps:lifescope:ClientId"] = "id",
                [$"Apps:lifescope:{key}"] = value
            }).Build();
        var exception = Assert.Throws<ConfigurationException>(() => AppCatalog.From(configuration, ProviderCatalog.Embedded()));
        Assert.Contains($"Apps__lifescope__{key}", exception.Message, StringComparison.Ordinal);
        Assert.Contains(problem, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_logo_too_large_for_the_page_stops_the_start_and_a_file_is_taken_into_it()
    {
        Assert.Throws<ConfigurationException>(() => Read("data:image/png;base64," + new string('A', 7000)));
        Assert.Throws<ConfigurationException>(() => Read("data:image/png;base64," + new string('+', 2000)));
        File.WriteAllText(Path.Combine(AppContext.BaseDirectory, "logo-of-a-test.svg"), "<svg xmlns='http://www.w3.org/2000/svg'/>");
        Assert.StartsWith("data:image/svg+xml;base64,", Read("logo-of-a-test.svg").Branding.Logo, StringComparison.Ordinal);

        static App Read(string logo) => AppCatalog.From(
            new ConfigurationBuilder().AddInMemoryCollection(
                new Dictionary<string, string?> { ["Apps:lifescope:ClientId"] = "id", ["Apps:lifescope:Logo"] = logo }).Build(),
            ProviderCatalog.Embedded()).All.Single();
    }

    internal static Language LanguageOf(string tag)
    {
        var http = new Microsoft.AspNetCore.Http.DefaultHttpContext();
        http.Request.Headers.AcceptLanguage = tag;
        return Language.Of(http.Request);
    }
}
