using System.Reflection;
using Microsoft.Azure.Functions.Worker.Hosting;
using Microsoft.Extensions.DependencyInjection;
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
    [InlineData("/exchange_code")]
    [InlineData("/create_session")]
    [InlineData("/userinfo")]
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
        Assert.Contains("camera=()", answer.Header("Permissions-Policy"), StringComparison.Ordinal);
        Assert.Equal("same-origin", answer.Header("Cross-Origin-Opener-Policy"));
        var policy = answer.Header("Content-Security-Policy")!;
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Null(answer.Header("Server"));
        Assert.Null(answer.Header("X-Powered-By"));
    }

    [Fact]
    public async Task The_test_above_knows_every_route_that_answers_GET_and_the_others_carry_the_headers_too()
    {
        await using var broker = await Broker.StartAsync(settings: new() { ["Broker:PublicUrl"] = "https://broker.example.com" });
        var catalog = broker.Services.GetRequiredService<FunctionCatalog>();
        var tested = typeof(HeaderTests).GetMethod(nameof(Every_response_forbids_storing_framing_sniffing_and_referring))!
            .GetCustomAttributes<InlineDataAttribute>().Select(data => ((string)data.GetData(null!).Single()[0]).Split('?')[0].TrimStart('/'));
        Assert.Equal(
            catalog.Http.Where(function => function.Methods.Contains("GET", StringComparison.Ordinal)).Select(function => function.Route).Order(),
            tested.Distinct().Order());

        using var game = broker.NewGame();
        foreach (var function in catalog.Http.Where(function => function.Methods.Contains("POST", StringComparison.Ordinal)))
        {
            var reply = await game.PostAsync($"/{function.Route}");
            Assert.Equal("no-store", reply.Response.Headers.CacheControl!.ToString());
            Assert.Equal("nosniff", Assert.Single(reply.Response.Headers.GetValues("X-Content-Type-Options")));
            Assert.Contains("frame-ancestors 'none'", Assert.Single(reply.Response.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        }
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
