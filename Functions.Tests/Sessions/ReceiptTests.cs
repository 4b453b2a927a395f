using TokenBroker.Sessions;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Sessions;

public sealed class ReceiptTests
{
    [Fact]
    public void What_it_writes_it_reads()
    {
        foreach (var receipt in new Receipt[] { new("studio", 0), new("studio", 4), new("studio", null) })
            Assert.Equal(receipt, Receipt.TryParse(receipt.Text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("studio")]
    [InlineData("studio.x")]
    [InlineData("studio.10")]
    [InlineData("studio.-")]
    [InlineData("studio.0.0")]
    public void Anything_else_is_none(string text) => Assert.Null(Receipt.TryParse(text));

    [Fact]
    public async Task A_browser_without_a_receipt_or_with_one_that_says_nothing_is_answered_from_storage()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        var code = (await browser.FollowAsync(await browser.ApproveAsync("/create-session?scopes=basic"))).AccessCode;
        Assert.NotNull(code);
        var cookie = browser.Cookies.GetCookies(broker.Url)[SessionCookie.Name]!;
        var id = cookie.Value.Split('.')[0];
        foreach (var value in new[] { id, $"{id}.", $"{id}.AAAA", $"{id}.nobody.0" })
        {
            cookie.Value = value;
            Assert.Equal(code, (await browser.GetAsync("/complete")).AccessCode);
        }
    }

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

    [Fact]
    public async Task A_receipt_of_somebodys_own_making_shows_a_code_that_opens_nothing()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        await browser.GetAsync("/create-session?scopes=basic");
        var cookie = browser.Cookies.GetCookies(broker.Url)[SessionCookie.Name]!;
        cookie.Value += new Receipt(".lifescope", 0).Text;
        var shown = (await browser.GetAsync("/complete")).AccessCode!;
        Assert.Equal("invalid_grant", (await game.ExchangeAsync(shown)).Error);
    }
}
