using TokenBroker.Secrets;
using TokenBroker.Sessions;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Sessions;

public sealed class ReceiptTests
{
    private static readonly SessionId Id = SessionId.New(DateTimeOffset.UnixEpoch);
    private static readonly ProtectionKey Key = ProtectionKey.New();

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(null)]
    public void What_it_writes_it_reads(int? draw)
    {
        var receipt = Receipt.For(Id, "studio", draw, Key);
        Assert.Equal(receipt, Receipt.TryParse(receipt.Text));
        Assert.Equal(("studio", draw), (receipt.App, receipt.Draw));
        Assert.True(receipt.IsFor(Id, [ProtectionKey.New(), Key]));
    }

    [Fact]
    public void It_is_good_for_its_session_app_and_draw_under_its_key_alone()
    {
        var receipt = Receipt.For(Id, "studio", 0, Key);
        Assert.False(receipt.IsFor(SessionId.New(DateTimeOffset.UnixEpoch), [Key]));
        Assert.False(receipt.IsFor(Id, [ProtectionKey.New()]));
        Assert.False((receipt with { App = "other" }).IsFor(Id, [Key]));
        Assert.False((receipt with { Draw = 1 }).IsFor(Id, [Key]));
        Assert.False((receipt with { Draw = null }).IsFor(Id, [Key]));
        Assert.False((receipt with { Seal = "" }).IsFor(Id, [Key]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("studio")]
    [InlineData("studio.0")]
    [InlineData("studio.x.seal")]
    [InlineData("studio.10.seal")]
    [InlineData("studio.-.seal")]
    [InlineData("studio.0.seal.0")]
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
        foreach (var value in new[] { id, $"{id}.", $"{id}.AAAA", $"{id}.nobody.0.seal", $"{id}.lifescope.1.seal" })
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
    public async Task A_receipt_of_somebodys_own_making_shows_no_code()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        await browser.GetAsync("/create-session?scopes=basic");
        var cookie = browser.Cookies.GetCookies(broker.Url)[SessionCookie.Name]!;
        cookie.Value += $".{Receipt.For(SessionId.TryParse(cookie.Value)!, "lifescope", 0, ProtectionKey.New()).Text}";
        var page = await browser.GetAsync("/complete");
        Assert.Equal((400, null), (page.Status, page.AccessCode));
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
