using TokenBroker.Tests.Infrastructure;
using TokenBroker.Web;

namespace TokenBroker.Tests.Web;

public sealed class SessionCookieTests
{
    [Fact]
    public async Task The_page_leads_to_a_new_code_also_where_nothing_of_the_link_is_kept()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        var page = await browser.FollowAsync(await browser.ApproveAsync("/create-session?app=aura"));
        Assert.Contains("create-session?app=aura", page.Body, StringComparison.Ordinal);
        browser.Cookies.GetCookies(broker.Url)["start_again"]!.Expired = true;
        Assert.Contains("create-session?app=aura", (await browser.GetAsync("/complete")).Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(20)] // in the secret
    [InlineData(3)] // in the time
    public async Task A_finished_browser_s_cookie_that_was_altered_is_none(int at)
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        await browser.SignInAsync();
        var cookie = browser.Cookies.GetCookies(broker.Url)[SessionCookie.Name]!;
        cookie.Value = string.Concat(cookie.Value.AsSpan(0, at), cookie.Value[at] == 'f' ? "e" : "f", cookie.Value.AsSpan(at + 1));
        var page = await browser.GetAsync("/complete");
        Assert.Equal((400, null), (page.Status, page.AccessCode));
    }
}
