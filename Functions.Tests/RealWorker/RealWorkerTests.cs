using System.Web;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.RealWorker;

/// <summary>Every flow on the app as it is deployed: published, on the real worker, on Azurite.</summary>
public sealed class RealWorkerTests : IAsyncLifetime
{
    private WorkerHost _broker = null!;

    public async Task InitializeAsync() => _broker = await WorkerHost.StartAsync();

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Fact]
    public async Task A_player_signs_in_by_an_access_code_that_works_once_by_GET_and_by_POST()
    {
        using var browser = _broker.NewBrowser();
        using var game = _broker.NewGame();
        var page = await browser.OpenAsync((await browser.ApproveAsync("/create-session?scopes=basic")).Location!);
        // What the worker writes for the host of the page that it has sent.
        Assert.Equal(("Success", "{}"), (page.Header("X-Test-Invocation"), page.Header("X-Test-Returned")));
        Assert.Equal(page.AccessCode, (await browser.GetAsync("/complete")).AccessCode);
        Assert.NotNull((await game.ExchangeAsync(page.AccessCode!)).OAuthToken);
        var again = await game.ExchangeAsync(page.AccessCode!);
        Assert.Equal((400, "invalid_grant"), (again.Status, again.Error));

        var posted = await game.PostAsync("/exchange_code", ("access_code", await browser.SignInAsync("/create_session?scopes=basic")));
        Assert.NotNull(posted.OAuthToken);
    }

    [Fact]
    public async Task A_device_signs_in_refreshes_asks_who_the_player_is_and_signs_out()
    {
        using var browser = _broker.NewBrowser();
        using var game = _broker.NewGame();
        var device = await game.StartDeviceAsync("aura", scope: null);
        Assert.Equal("authorization_pending", (await game.PollAsync(device, "aura")).Error);
        Assert.Equal(200, (await game.GetAsync($"/device/qr?user_code={device.Text("user_code")}")).Status);
        await browser.SignDeviceInAsync(device.Text("verification_uri_complete")!);
        var tokens = await game.PollAsync(device, "aura");
        Assert.NotNull(tokens.Text("access_token"));
        Assert.Equal("invalid_grant", (await game.PollAsync(device, "aura")).Error);

        var refreshed = await game.RefreshAsync("aura", tokens.Text("refresh_token")!);
        Assert.Equal(200, (await game.UserInfoAsync("aura", refreshed.Text("access_token")!)).Status);
        var revoked = await game.PostAsync("/revoke", ("client_id", "aura"), ("token", refreshed.Text("refresh_token")!));
        Assert.Contains(revoked.Status, (int[])[200, 400]); // The provider may end no tokens of this kind; the broker does.
        Assert.Equal("invalid_grant", (await game.RefreshAsync("aura", refreshed.Text("refresh_token")!)).Error);
    }

    [Fact]
    public async Task What_needs_no_sign_in_answers()
    {
        using var browser = _broker.NewBrowser();
        using var game = _broker.NewGame();
        Assert.Equal(200, (await browser.GetAsync("/")).Status);
        Assert.Equal(200, (await browser.GetAsync("/device")).Status);
        Assert.Equal("ready", (await game.GetAsync("/health")).Text("status"));
        Assert.Equal(_broker.Url.AbsoluteUri.TrimEnd('/'), (await game.GetAsync("/.well-known/oauth-authorization-server"))
            .Text("issuer"));
        Assert.Equal("3.1.0", (await game.GetAsync("/openapi.json")).Text("openapi"));
        var nothing = await browser.GetAsync("/nothing/here");
        Assert.Equal((404, "Page not found"), (nothing.Status, nothing.Heading));
        Assert.Equal(404, (await game.PostAsync("/health")).Status);
        // The host's own paths stay the host's.
        Assert.Equal("", (await browser.GetAsync("/runtime/webhooks")).Body);
    }

    [Fact]
    public async Task The_timer_sweeps()
    {
        Assert.Equal("Success", await _broker.FireAsync("SweepSessions"));
    }

    [Fact]
    public async Task The_address_that_the_platform_adds_is_limited_and_no_other()
    {
        using var guesser = _broker.NewGame("203.0.113.66");
        guesser.Headers.Add("X-Forwarded-For", "198.51.100.1");
        Assert.Equal([.. Enumerable.Repeat(400, 10), 429], await GuessAsync(guesser, 11));
        using var neighbour = _broker.NewGame("203.0.113.67");
        using var claimed = _broker.NewGame("198.51.100.1");
        Assert.Equal((400, 400), ((await neighbour.ExchangeAsync(Codes.New().Text)).Status,
            (await claimed.ExchangeAsync(Codes.New().Text)).Status));
    }

    [Fact]
    public async Task The_logs_tell_what_happens_and_no_secret()
    {
        using var browser = _broker.NewBrowser();
        using var game = _broker.NewGame();
        var back = await browser.ApproveAsync("/create-session?scopes=basic");
        var code = (await browser.OpenAsync(back.Location!)).AccessCode!;
        var tokens = await game.ExchangeAsync(code);
        await game.GetAsync("/exchange-code?Headers=marked-address");

        var logs = await _broker.LogsAsync();
        Assert.Contains("Tokens handed to a game of app lifescope", logs, StringComparison.Ordinal);
        var query = HttpUtility.ParseQueryString(new Uri(back.Location!).Query);
        foreach (var secret in new[] { code, query["code"]!, query["state"]!, tokens.OAuthToken!, tokens.Text("refresh_token")!,
            "marked-address" })
            Assert.DoesNotContain(secret, logs, StringComparison.Ordinal);
    }

    private static async Task<List<int>> GuessAsync(Game game, int tries)
    {
        var statuses = new List<int>();
        for (var guess = 0; guess < tries; guess++)
            statuses.Add((await game.ExchangeAsync(Codes.New().Text)).Status);
        return statuses;
    }
}
