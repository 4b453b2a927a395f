using System.Web;
using TokenBroker.Crypto;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Web;

/// <summary>The cookie from which a sign-in begins again once its session is gone.</summary>
public sealed class StartAgainTests
{
    private const string Challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    [Fact]
    public async Task It_repeats_known_parameters_only()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        await browser.GetAsync("/create-session?scopes=basic&app=lifescope&code_challenge=" + Challenge +
            "&code_challenge_method=S256&user_code=&evil=Call+us&ui_locales=de&scopes2=x");
        broker.Time.Advance(TimeSpan.FromMinutes(5));
        var link = await LinkAsync(browser);
        Assert.Equal(
            ["app=lifescope", "scopes=basic", $"code_challenge={Challenge}", "code_challenge_method=S256", "ui_locales=de"],
            link!.Split('?')[1].Split('&'));
    }

    [Fact]
    public async Task A_planted_or_altered_cookie_is_none()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        await browser.GetAsync("/create-session?scopes=basic");
        var cookie = browser.Cookies.GetCookies(broker.Url)["start_again"]!;
        var good = cookie.Value;
        var key = ProtectionKey.TryParse(Convert.ToBase64String(Broker.ProtectionKey))!;
        const string foreign = """{"App":"lifescope","Scopes":["basic"],"CodeChallenge":"foreign","Until":"2999-01-01T00:00:00Z"}""";
        broker.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.NotNull(await LinkAsync(browser));
        foreach (var planted in new[]
        {
            "scopes=basic&code_challenge=foreign&code_challenge_method=S256", "user_code=BCDF-GHJK", "", ".", "x.y",
            good[..^1] + (good[^1] == 'A' ? 'B' : 'A'), $"0{good}",
            SealedText.SealForBrowser(foreign, "another purpose", key),
            SealedText.SealForBrowser(foreign, "start again", ProtectionKey.New()),
        })
        {
            cookie.Value = HttpUtility.UrlEncode(planted);
            Assert.Null(await LinkAsync(browser));
        }
    }

    [Fact]
    public async Task It_is_good_for_an_hour_also_where_the_browser_keeps_it_longer()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        await browser.GetAsync("/create-session?scopes=basic");
        broker.Time.Advance(TimeSpan.FromMinutes(60) - TimeSpan.FromSeconds(1));
        Assert.NotNull(await LinkAsync(browser));
        broker.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await LinkAsync(browser));
    }

    [Fact]
    public async Task On_https_only_this_very_host_can_set_it()
    {
        await using var broker = await Broker.StartAsync(settings: new() { ["Broker:PublicUrl"] = "https://broker.example.com" });
        using var browser = broker.NewBrowser();
        var cookies = (await browser.GetAsync("/create-session?scopes=basic")).Response.Headers.GetValues("Set-Cookie");
        var cookie = cookies.Single(text => text.Contains("start_again", StringComparison.Ordinal));
        Assert.StartsWith("__Host-start_again=", cookie, StringComparison.Ordinal);
        Assert.Contains("; path=/; secure;", cookie, StringComparison.Ordinal);
        Assert.DoesNotContain("domain", cookie, StringComparison.Ordinal);
    }

    /// <summary>The link on the page of a browser whose session is over.</summary>
    private static async Task<string?> LinkAsync(Browser browser) =>
        (await browser.GetAsync("/complete")).Document.QuerySelector("a.button")?.GetAttribute("href");
}
