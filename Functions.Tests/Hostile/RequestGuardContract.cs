using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Hostile;

/// <summary>What is refused before an endpoint runs. It holds in-process and on the real worker.</summary>
public abstract class RequestGuardContract : IAsyncLifetime
{
    private const int MaxBody = 64 * 1024;

    private static readonly (string Name, string Value)[][] Prefetches =
    [
        [("Sec-Purpose", "prefetch"), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document")],
        [("Sec-Purpose", "prefetch;prerender"), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document")],
        [("Sec-Purpose", "prefetch;anonymous-client-ip")],
        [("Purpose", "prefetch")],
        [("X-Moz", "prefetch")],
        [("X-Purpose", "preview")],
    ];

    private static readonly (string Name, string Value)[][] ForeignPages =
    [
        [("Sec-Fetch-Mode", "no-cors"), ("Sec-Fetch-Dest", "image"), ("Sec-Fetch-Site", "cross-site")],
        [("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "iframe"), ("Sec-Fetch-Site", "cross-site")],
        [("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "object"), ("Sec-Fetch-Site", "same-site")],
        [("Sec-Fetch-Mode", "cors"), ("Sec-Fetch-Dest", "empty"), ("Sec-Fetch-Site", "cross-site"), ("Origin", "https://evil.example.com")],
        [("Sec-Fetch-Mode", "cors"), ("Sec-Fetch-Dest", "empty"), ("Origin", "null")],
        [("Sec-Fetch-Mode", "websocket"), ("Sec-Fetch-Dest", "websocket")],
        [("Sec-Fetch-Mode", "nested-navigate"), ("Sec-Fetch-Site", "cross-site")],
    ];

    public abstract Task InitializeAsync();

    public abstract Task DisposeAsync();

    [Theory]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData(null)]
    public async Task A_body_of_more_than_64_KiB_is_refused_on_every_route_with_or_without_a_length(string? contentType)
    {
        using var game = NewGame();
        foreach (var path in new[] { "/token", "/exchange-code", "/device_authorization", "/device", "/revoke" })
        {
            foreach (var isChunked in new[] { false, true })
                Assert.Equal(413, (await SendAsync(game, HttpMethod.Post, path, MaxBody + 1, contentType, isChunked)).Status);
        }
        foreach (var path in new[] { "/health", "/complete", "/userinfo", "/create-session?scopes=basic" })
            Assert.Equal(413, (await SendAsync(game, HttpMethod.Get, path, MaxBody + 1, contentType, isChunked: true)).Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_of_64_KiB_is_read_to_its_end(bool isChunked)
    {
        using var game = NewGame();
        var code = await SignInAsync();
        const string field = "x=";
        var form = $"{field}{new string('x', MaxBody - field.Length - 13 - code.Length)}&access_code={code}";
        Assert.Equal(MaxBody, form.Length);
        var request = new HttpRequestMessage(HttpMethod.Post, "/exchange-code") { Content = new StringContent(form) };
        request.Content.Headers.ContentType = new("application/x-www-form-urlencoded");
        request.Headers.TransferEncodingChunked = isChunked;
        Assert.NotNull((await game.SendAsync(request)).OAuthToken);
    }

    [Fact]
    public async Task The_fetch_of_Node_Deno_and_Bun_gets_its_token()
    {
        using var game = NewGame();
        game.Headers.Add("Sec-Fetch-Mode", "cors");
        Assert.NotNull((await game.ExchangeAsync(await SignInAsync())).OAuthToken);
        var device = await game.StartDeviceAsync();
        Assert.Equal("authorization_pending", (await game.PollAsync(device)).Error);
    }

    [Fact]
    public async Task What_a_browser_loads_in_advance_has_no_effect()
    {
        foreach (var headers in Prefetches)
            await AssertHasNoEffectAsync(headers, 503);
    }

    [Fact]
    public async Task What_a_foreign_page_embeds_or_calls_has_no_effect()
    {
        foreach (var headers in ForeignPages)
            await AssertHasNoEffectAsync(headers, 400);
    }

    [Fact]
    public async Task A_foreign_page_that_leads_its_visitor_to_an_address_for_games_has_no_effect()
    {
        var code = await SignInAsync();
        using var visitor = NewGame();
        using var game = NewGame();
        visitor.Headers.Add("Sec-Fetch-Mode", "navigate");
        visitor.Headers.Add("Sec-Fetch-Dest", "document");
        visitor.Headers.Add("Sec-Fetch-Site", "cross-site");
        for (var tries = 0; tries < 12; tries++)
            Assert.Equal(400, (await visitor.ExchangeAsync(Codes.New().Text)).Status);
        Assert.Equal(400, (await visitor.PostAsync("/exchange-code", ("access_code", code))).Status);
        Assert.NotNull((await game.ExchangeAsync(code)).OAuthToken);
    }

    [Fact]
    public async Task A_foreign_page_that_leads_its_visitor_to_many_wrong_user_codes_locks_nobody_out_of_typing_one()
    {
        using var visitor = NewBrowser();
        using var game = NewGame();
        visitor.Headers.Add("Sec-Fetch-Mode", "navigate");
        visitor.Headers.Add("Sec-Fetch-Dest", "document");
        visitor.Headers.Add("Sec-Fetch-Site", "cross-site");
        for (var tries = 0; tries < 10; tries++)
            Assert.Equal(400, (await visitor.GetAsync("/device?user_code=BCDFGHJK")).Status);
        Assert.Equal(429, (await visitor.GetAsync("/device?user_code=BCDFGHJK")).Status);
        using var player = NewBrowser();
        var device = await game.StartDeviceAsync();
        Assert.Equal(200, (await player.TypeUserCodeAsync(device.Text("user_code")!)).Status);
        Assert.Equal(200, (await player.GetAsync(device.Text("verification_uri_complete")!)).Status);
    }

    [Fact]
    public async Task An_old_browser_that_names_no_destination_signs_its_player_in()
    {
        using var browser = NewBrowser();
        browser.Headers.Add("Sec-Fetch-Mode", "navigate");
        browser.Headers.Add("Sec-Fetch-Site", "none");
        Assert.NotEmpty(await browser.SignInAsync());
    }

    [Fact]
    public async Task A_script_of_another_origin_has_no_effect_also_in_a_browser_that_says_nothing_else()
    {
        var code = await SignInAsync();
        using var page = NewGame();
        using var game = NewGame();
        page.Headers.Add("Origin", "https://evil.example.com");
        for (var tries = 0; tries < 12; tries++)
            Assert.Equal(400, (await page.ExchangeAsync(Codes.New().Text)).Status);
        Assert.Equal(400, (await page.ExchangeAsync(code)).Status);
        Assert.NotNull((await game.ExchangeAsync(code)).OAuthToken);
    }

    internal abstract Browser NewBrowser();

    internal abstract Game NewGame();

    private async Task<string> SignInAsync()
    {
        using var browser = NewBrowser();
        return await browser.SignInAsync();
    }

    private async Task AssertHasNoEffectAsync((string Name, string Value)[] headers, int status)
    {
        var code = await SignInAsync();
        using var page = NewBrowser();
        using var game = NewGame();
        foreach (var (name, value) in headers)
            page.Headers.Add(name, value);

        var begun = await page.GetAsync("/create-session?scopes=basic&ui_locales=de");
        Assert.Equal((status, null), (begun.Status, begun.Header("Set-Cookie")));
        Assert.Equal(status, (await page.GetAsync($"/exchange-code?access_code={code}")).Status);
        for (var tries = 0; tries < 12; tries++)
        {
            Assert.Equal(status, (await page.GetAsync("/device?user_code=BCDFGHJK")).Status);
            Assert.Equal(status, (await page.GetAsync($"/exchange-code?access_code={Codes.New().Text}")).Status);
        }
        var device = await game.StartDeviceAsync();
        using var player = NewBrowser();
        Assert.Equal(200, (await player.OpenAsync(device.Text("verification_uri_complete")!)).Status);
        Assert.NotNull((await game.ExchangeAsync(code)).OAuthToken);
    }

    private static async Task<Reply> SendAsync(
        Game game, HttpMethod method, string path, int length, string? contentType, bool isChunked)
    {
        var body = new byte[length];
        Array.Fill(body, (byte)'x');
        using var request = new HttpRequestMessage(method, path) { Content = new ByteArrayContent(body) };
        if (contentType is not null)
            request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        request.Headers.TransferEncodingChunked = isChunked;
        return await game.SendAsync(request);
    }
}
