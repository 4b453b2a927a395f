using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Endpoints;

public sealed class HeaderTests
{
    [Theory]
    [InlineData("/create-session?scopes=basic")]
    [InlineData("/create-session")]
    [InlineData("/complete")]
    [InlineData("/exchange-code")]
    [InlineData("/exchange-code?access_code=a2B3c4D5")]
    [InlineData("/health")]
    public async Task Every_response_forbids_storing_framing_sniffing_and_referring(string url)
    {
        await using var broker = await Broker.StartAsync(settings: new() { ["Broker:PublicUrl"] = "https://broker.example.com" });
        using var browser = broker.NewBrowser();
        var answer = await browser.GetAsync(url);
        Assert.Equal("no-store", answer.Header("Cache-Control"));
        Assert.Equal("nosniff", answer.Header("X-Content-Type-Options"));
        Assert.Equal("no-referrer", answer.Header("Referrer-Policy"));
        Assert.NotNull(answer.Header("Strict-Transport-Security"));
        var policy = answer.Header("Content-Security-Policy")!;
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Null(answer.Header("Server"));
        Assert.Null(answer.Header("X-Powered-By"));
    }

    [Fact]
    public async Task The_style_of_a_page_is_the_one_its_policy_names_and_nothing_else_is_loaded()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        var page = await browser.GetAsync("/complete");
        var style = Assert.Single(page.Document.QuerySelectorAll("style")).TextContent;
        var hash = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(style)));
        Assert.Contains($"style-src 'sha256-{hash}'", page.Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.Empty(page.Document.QuerySelectorAll("script, link, img, iframe, [src], [style]"));
    }
}
