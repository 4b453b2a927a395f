using TokenBroker.Secrets;
using TokenBroker.Sessions;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Sessions;

public sealed class ReceiptTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    private static readonly ProtectionKey Key = ProtectionKey.New();
    private static readonly KeyRing Ring = new([(Key, Now.AddYears(-1))]);
    private readonly SessionId _id = SessionId.New(Now);

    [Fact]
    public void It_opens_for_its_own_session_and_key_only()
    {
        var code = AccessCode.New();
        var receipt = new Receipt("studio", code).Seal(Key, _id);
        var opened = Receipt.Open(receipt, Ring, _id)!;
        Assert.Equal(("studio", code.Text), (opened.App, opened.Code!.Text));
        Assert.Null(Receipt.Open(receipt, Ring, SessionId.New(Now)));
        Assert.Null(Receipt.Open(receipt, new([(ProtectionKey.New(), Now.AddYears(-1))]), _id));
    }

    [Fact]
    public void That_of_a_device_has_no_code() => Assert.Null(Receipt.Open(new Receipt("studio", null).Seal(Key, _id), Ring, _id)!.Code);

    [Theory]
    [InlineData("")]
    [InlineData("A")]
    [InlineData("AAAA")]
    [InlineData("no base64 at all!")]
    public void Anything_else_opens_nothing(string text) => Assert.Null(Receipt.Open(text, Ring, _id));

    [Fact]
    public void It_outlives_the_rotation_of_its_key()
    {
        var rotated = new KeyRing([(Key, Now.AddYears(-1)), (ProtectionKey.New(), Now - KeyRing.Delay + TimeSpan.FromMinutes(2))]);
        // Sealed under the old key before the rotation took hold, and under the new one after; the session began before it.
        foreach (var sealedAt in new[] { Now + TimeSpan.FromMinutes(1), Now + TimeSpan.FromMinutes(3) })
            Assert.NotNull(Receipt.Open(new Receipt("studio", AccessCode.New()).Seal(rotated.Current(sealedAt), _id), rotated, _id));
    }

    [Fact]
    public async Task A_browser_without_a_receipt_or_with_one_of_its_own_making_is_answered_from_storage()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        var code = (await browser.FollowAsync(await browser.ApproveAsync("/create-session?scopes=basic"))).AccessCode;
        var cookie = browser.Cookies.GetCookies(broker.Url)[SessionCookie.Name]!;
        var id = cookie.Value.Split('.')[0];
        foreach (var value in new[] { id, $"{id}.", $"{id}.AAAA", $"{id}.{new Receipt("lifescope", AccessCode.New()).Seal(Key, SessionId.TryParse(id)!)}" })
        {
            cookie.Value = value;
            Assert.Equal(code, (await browser.GetAsync("/complete")).AccessCode);
        }
    }
}
