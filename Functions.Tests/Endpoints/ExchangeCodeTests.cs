using System.Text;
using TokenBroker.Storage;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Endpoints;

public sealed class ExchangeCodeTests
{
    [Theory]
    [InlineData("/exchange-code")]
    [InlineData("/exchange_code")]
    [InlineData("/EXCHANGE-CODE/")]
    public async Task A_code_may_be_typed_with_blanks_and_dashes_and_posted(string path)
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var code = await browser.SignInAsync();
        var reply = await game.PostAsync(path, ("access_code", $" {code[..4]}-{code[4..]} "));
        Assert.Equal(200, reply.Status);
        Assert.NotNull(reply.OAuthToken);
    }

    [Fact]
    public async Task Unknown_expired_and_used_codes_get_one_and_the_same_answer()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var another = broker.NewBrowser();
        using var game = broker.NewGame();
        var expired = await browser.SignInAsync();
        broker.Time.Advance(TimeSpan.FromMinutes(3));
        var used = await another.SignInAsync();
        await game.ExchangeAsync(used);
        broker.Time.Advance(TimeSpan.FromMinutes(2));

        Reply[] replies =
        [
            await game.ExchangeAsync(Codes.New().Text), await game.ExchangeAsync(expired), await game.ExchangeAsync(used),
            await game.ExchangeAsync("0"), await game.ExchangeAsync(new string('x', 5000)), await game.ExchangeAsync("\u0000"),
        ];

        Assert.All(replies, reply => Assert.Equal((400, "invalid_grant"), (reply.Status, reply.Error)));
        // But for the id under which the log knows each.
        Assert.Equal(replies.Length, replies.Select(reply => reply.Text("trace_id")).Distinct().Count());
        Assert.Single(replies.Select(reply => reply.Body.Replace(reply.Text("trace_id")!, "", StringComparison.Ordinal)).Distinct());
        Assert.All(replies, reply => Assert.True(reply.Response.Headers.CacheControl!.NoStore));
    }

    [Theory]
    [InlineData("/exchange-code", "'access_code' is missing")]
    [InlineData("/exchange-code?access_code=", "'access_code' is missing")]
    [InlineData("/exchange-code?access_code=a&access_code=b", "'access_code' is given more than once")]
    [InlineData("/exchange-code?access_code=a&code_verifier=b&code_verifier=c", "'code_verifier' is given more than once")]
    public async Task A_missing_or_repeated_parameter_is_named(string url, string description)
    {
        await using var broker = await Broker.StartAsync();
        using var game = broker.NewGame();
        var reply = await game.GetAsync(url);
        Assert.Equal((400, "invalid_request"), (reply.Status, reply.Error));
        Assert.Contains(description, reply.Text("error_description"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/json", """{"access_code":"a2B3c4D5"}""")]
    [InlineData("text/plain", "access_code=a2B3c4D5")]
    [InlineData("multipart/form-data; boundary=x", "nonsense")]
    public async Task A_body_that_is_no_form_is_an_invalid_request(string contentType, string body)
    {
        await using var broker = await Broker.StartAsync();
        using var game = broker.NewGame();
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/exchange-code", UriKind.Relative)) { Content = content };
        var reply = await game.SendAsync(request);
        Assert.Equal((400, "invalid_request"), (reply.Status, reply.Error));
    }

    [Fact]
    public async Task Another_method_is_not_found()
    {
        await using var broker = await Broker.StartAsync();
        using var game = broker.NewGame();
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri("/exchange-code", UriKind.Relative));
        Assert.Equal(404, (await game.SendAsync(request)).Status);
    }

    [Fact]
    public async Task A_game_that_says_who_it_is_redeems_no_code_of_another()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var code = await browser.SignInAsync();
        Assert.Equal("invalid_grant", (await game.GetAsync($"/exchange-code?access_code={code}&app=aura")).Error);
        Assert.Equal("invalid_client", (await game.GetAsync($"/exchange-code?access_code={code}&app=nobody")).Error);
        Assert.Equal("invalid_client", (await game.GetAsync($"/exchange-code?access_code={code}&app=lifescope&client_id=aura")).Error);
        Assert.Equal(200, (await game.GetAsync($"/exchange-code?access_code={code}&client_id=lifescope-client-id")).Status);
        // One that does not say who it is is not taken for the default app.
        Assert.Equal(200, (await game.ExchangeAsync(await browser.SignInAsync("/create-session?app=aura"))).Status);
    }

    [Fact]
    public async Task The_lifetime_counts_from_the_reply_to_the_game()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var code = await browser.SignInAsync();
        broker.Time.Advance(TimeSpan.FromSeconds(100));
        Assert.Equal(2592000 - 100, (await game.ExchangeAsync(code)).Json.GetProperty("expires_in").GetInt64());
    }

    [Fact]
    public async Task An_access_code_that_is_in_use_fails_its_sign_in_and_leaves_the_other_alone()
    {
        var store = new StoreWithOneTakenCode();
        await using var broker = await Broker.StartAsync(store);
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();

        var page = await browser.FollowAsync(await browser.ApproveAsync("/create-session?scopes=basic"));

        Assert.Equal((502, null), (page.Status, page.AccessCode));
        broker.Time.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal(1, await broker.Sweeper.SweepAsync(100, default));
        Assert.NotNull(await store.FindEntryAsync(store.Taken!, default));
        Assert.Equal(200, (await game.ExchangeAsync(await browser.SignInAsync())).Status);
    }

    /// <summary>A store in which the first access code turns out to be somebody else's.</summary>
    private sealed class StoreWithOneTakenCode() : StoreDecorator(new MemorySessionStore())
    {
        public string? Taken { get; private set; }

        public override async Task<bool> TryAddEntryAsync(CodeEntry entry, CancellationToken cancellation)
        {
            if (Taken is not null)
                return await base.TryAddEntryAsync(entry, cancellation);
            Taken = entry.RowKey;
            await base.TryAddEntryAsync(entry with { SealedContent = new byte[] { 1 } }, cancellation);
            return await base.TryAddEntryAsync(entry, cancellation);
        }
    }
}
