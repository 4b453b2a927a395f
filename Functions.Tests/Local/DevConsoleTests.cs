using Microsoft.Playwright;
using TokenBroker.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace TokenBroker.Tests.Local;

/// <summary>The console of a local run, in a browser.</summary>
public sealed class DevConsoleTests : IAsyncLifetime
{
    private readonly string _url = $"http://localhost:{Ports.Free()}";
    private RunningLocal _local = null!;
    private Player _player = null!;
    private IPage Console => _player.Page;

    public async Task InitializeAsync()
    {
        _local = await RunningLocal.StartAsync($"--urls={_url}");
        if (Tools.Chromium is null)
            return;
        _player = await Chromium.NewPlayerAsync(options: new() { Permissions = ["clipboard-read", "clipboard-write"] });
        await Console.GotoAsync($"{_url}/dev");
    }

    public async Task DisposeAsync()
    {
        if (_player is not null)
            await _player.DisposeAsync();
        _local.Dispose();
    }

    [ToolTheory("chromium")]
    [InlineData("access code", "lifescope")]
    [InlineData("access code", "oidc")]
    [InlineData("device", "aura")]
    [InlineData("redirect", "wishtack")]
    [InlineData("redirect", "steam")]
    public async Task A_sign_in_is_begun_followed_and_finished_here(string flow, string app)
    {
        var page = await Console.RunAndWaitForPopupAsync(() => ButtonOf(app, flow).ClickAsync());
        var signIn = Console.Locator("#sign-ins .card").First;
        if (flow == "device")
        {
            await page.Locator("#accept:enabled").WaitForAsync();
            await page.GetByLabel(await signIn.Locator(".user-code").InnerTextAsync()).CheckAsync();
            await page.Locator("#accept").ClickAsync();
        }
        await page.GetByLabel("Player").WaitForAsync();
        // It says what to do if the provider shows an error of its own.
        await Expect(signIn.Locator(".outcome")).ToContainTextAsync("not back yet");
        await Expect(signIn.Locator(".outcome")).ToContainTextAsync($"register this redirect URI: {_url}/complete");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in and approve" }).ClickAsync();

        await signIn.GetByRole(AriaRole.Button, new() { Name = "Copy as curl" }).ClickAsync();
        var copied = await Console.EvaluateAsync<string>("navigator.clipboard.readText()");
        Assert.StartsWith($"curl '{_url}/", copied, StringComparison.Ordinal);
        await signIn.GetByRole(AriaRole.Button, new() { Name = "Run it" }).ClickAsync();

        await Expect(Console.Locator("#sign-ins .card").First.Locator(".outcome")).ToContainTextAsync("Tokens handed to a game");
        var text = await Console.Locator("#sign-ins").InnerTextAsync();
        Assert.Matches(@"POST 127\.0\.0\.1:\d+ → 200 \(\d+ ms\)", text);
        Assert.DoesNotContain("access_token", text, StringComparison.Ordinal);
        // It loads its own style, script and news, and nothing of its policy is violated.
        Assert.All(_player.Complaints, complaint => Assert.Contains($" {_url}/dev", complaint, StringComparison.Ordinal));
    }

    [ToolTheory("chromium")]
    [InlineData("Down", "lifescope", "It answered with HTML in place of JSON: the endpoint's address is wrong, or the provider is down.")]
    [InlineData("WrongSecret", "aura", "It refused the client: check Apps__aura__ClientId and the client secret (Apps__aura__ClientSecret")]
    [InlineData("SaysNo", "wishtack", "sent the player back without a code: Declined")]
    [InlineData("ClockAhead", "oidc", "iat is missing or in the future: compare this machine's clock with the provider's")]
    [InlineData("Slow", "webroot", "It did not answer within 10 seconds")]
    public async Task Each_fault_is_switched_on_and_told_in_words(string fault, string app, string message)
    {
        var form = Console.Locator($"form:has(input[name=provider][value={app}])");
        await form.Locator("select").SelectOptionAsync(fault);
        await form.GetByRole(AriaRole.Button, new() { Name = "Set" }).ClickAsync();
        await Expect(Console.Locator($"form:has(input[name=provider][value={app}]) select")).ToHaveValueAsync(fault);

        var page = await Console.RunAndWaitForPopupAsync(() => ButtonOf(app, "access code").ClickAsync());
        if (fault != "SaysNo")
        {
            await page.GetByLabel("Player").WaitForAsync();
            // Slow takes as long as the broker waits.
            await page.RunAndWaitForResponseAsync(
                () => page.GetByRole(AriaRole.Button, new() { Name = "Sign in and approve" }).ClickAsync(),
                response => response.Url.StartsWith($"{_url}/complete", StringComparison.Ordinal));
        }

        await Expect(Console.Locator("#sign-ins .card").First).ToContainTextAsync(message, new() { Timeout = 20_000 });
        // What the player sees and what the log says have the same reference.
        var reference = await page.Locator("#reference").InnerTextAsync();
        Assert.Equal(12, reference.Length);
        await Expect(Console.Locator("#sign-ins .card").First).ToContainTextAsync($"trace id {reference}");
    }

    [Fact]
    public async Task Nobody_comes_to_it_from_elsewhere_and_nothing_changes_without_its_form()
    {
        using var http = new HttpClient { BaseAddress = new(_url) };
        Assert.Equal(200, (int)(await http.GetAsync("/dev")).StatusCode);
        foreach (var (name, value) in new[]
        {
            ("Host", "broker.example.com"), ("X-Forwarded-For", "203.0.113.7"), ("X-Forwarded-Host", "name.tunnel.example.com"),
            ("Forwarded", "for=203.0.113.7"),
        })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/dev");
            request.Headers.TryAddWithoutValidation(name, value);
            Assert.Equal(404, (int)(await http.SendAsync(request)).StatusCode);
        }
        foreach (var path in new[] { "/dev/fault", "/dev/begin", "/dev/run", "/dev/limits" })
        {
            using var form = new FormUrlEncodedContent([new("provider", "lifescope"), new("fault", "Down"), new("form_token", "made-up")]);
            Assert.Equal(403, (int)(await http.PostAsync(path, form)).StatusCode);
        }
        var page = await http.GetStringAsync("/dev");
        Assert.DoesNotContain("\"Down\" selected", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Through_a_tunnel_it_is_reached_at_a_port_of_its_own_only()
    {
        var url = $"http://localhost:{Ports.Free()}";
        using var local = await RunningLocal.StartAsync($"--urls={url}", "--public", "https://name.tunnel.example.com");
        Assert.Contains("TokenBroker  https://name.tunnel.example.com", local.Output, StringComparison.Ordinal);
        var console = local.Output.Split("Console ")[1].Split('\n')[0].Trim();
        using var http = new HttpClient();
        Assert.Equal(404, (int)(await http.GetAsync(new Uri($"{url}/dev"))).StatusCode);
        Assert.Contains("https://name.tunnel.example.com/complete", await http.GetStringAsync(new Uri(console)), StringComparison.Ordinal);
        await local.StopAsync();
    }

    [Fact]
    public async Task Nobody_is_locked_out_of_their_own_machine()
    {
        using var game = new Game(new(_url));
        for (var attempt = 0; attempt < 40; attempt++)
            Assert.Equal(400, (await game.ExchangeAsync(Codes.New().Text)).Status);
    }

    private ILocator ButtonOf(string app, string flow) =>
        Console.Locator($"#app-{app}").GetByRole(AriaRole.Button, new() { Name = $"Sign in by {flow}" });
}
