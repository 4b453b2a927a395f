using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using TokenBroker.Local.Emulators;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.OAuth;

/// <summary>Games in a browser sign their player in, in Chromium: npm's oidc-client-ts, and the sample pages.</summary>
public sealed class BrowserGameTests : IAsyncLifetime
{
    private WebApplication _site = null!;
    private Broker _broker = null!;
    private string _origin = null!;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _origin = $"http://127.0.0.1:{Ports.Free()}";
        builder.WebHost.UseSetting("urls", _origin);
        _site = builder.Build();
        _site.MapGet("/game", () => Results.Content(GamePage, "text/html"));
        _site.MapGet("/oidc-client-ts.js", () => Results.File(
            Repository.File("node_modules", "oidc-client-ts", "dist", "browser", "oidc-client-ts.min.js"), "text/javascript"));
        _site.MapGet("/web/callback", () => Sample("web/callback.html"));
        _site.MapGet("/{**file}", (string file) => Sample(file));
        await _site.StartAsync();
        var settings = new Dictionary<string, string?> { ["Broker:AllowedOrigins:0"] = _origin };
        // A second registration that lists this scope, so that there is a choice: the library always asks for one.
        settings["Apps:arcade:Providers:oauth2:ClientId"] = "id";
        settings["Apps:arcade:Providers:oauth2:ClientSecret"] = "secret";
        settings["Apps:arcade:Providers:oauth2:AuthorizationEndpoint"] = "https://provider.example.com/authorize";
        settings["Apps:arcade:Providers:oauth2:TokenEndpoint"] = "https://provider.example.com/token";
        settings["Apps:arcade:Providers:oauth2:Scopes:0"] = "basic";
        foreach (var app in new[] { "lifescope", EmulatedProviders.Arcade })
        {
            settings[$"Apps:{app}:RedirectUris:3"] = $"{_origin}/game";
            settings[$"Apps:{app}:RedirectUris:4"] = $"{_origin}/web/callback";
            settings[$"Apps:{app}:RedirectUris:5"] = $"{_origin}/web/same-tab.html";
        }
        _broker = await Broker.StartAsync(settings: settings);
        _broker.Time.SetUtcNow(DateTimeOffset.UtcNow); // as the browser's clock
    }

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        await _site.DisposeAsync();
    }

    /// <summary>The game watches <c>popup.closed</c> all the way: nothing may cut the window from its opener.</summary>
    [ToolTheory("chromium")]
    [InlineData("lifescope", "basic", null)]
    [InlineData(EmulatedProviders.Arcade, "basic", "Continue with LifeScope")]
    [InlineData(EmulatedProviders.Arcade, "openid", "Continue with Aura")]
    public async Task Oidc_client_ts_signs_in_by_a_popup_and_refreshes(string app, string scope, string? choice)
    {
        await using var player = await Chromium.NewPlayerAsync();
        await player.Page.GotoAsync($"{_origin}/game?broker={Issuer}&app={app}&scope={scope}");
        var popup = await player.Page.RunAndWaitForPopupAsync(() => player.Page.ClickAsync("#popup"));
        if (choice is not null)
            await popup.GetByRole(AriaRole.Link, new() { Name = choice }).ClickAsync();
        await ConsentAsync(popup);
        await Expect(player.Page, "#result", "Signed in");
        await player.Page.ClickAsync("#refresh");
        await Expect(player.Page, "#result", "Refreshed");
        await player.Page.ClickAsync("#revoke");
        await Expect(player.Page, "#result", "Revoked");
    }

    [ToolFact("chromium")]
    public async Task Oidc_client_ts_signs_in_in_the_same_tab()
    {
        await using var player = await Chromium.NewPlayerAsync();
        await player.Page.GotoAsync($"{_origin}/game?broker={Issuer}&app=lifescope&scope=basic");
        await player.Page.ClickAsync("#here");
        await ConsentAsync(player.Page);
        await Expect(player.Page, "#result", "Signed in");
    }

    [ToolFact("chromium")]
    public async Task Oidc_client_ts_is_told_that_the_player_said_no()
    {
        await using var player = await Chromium.NewPlayerAsync();
        await player.Page.GotoAsync($"{_origin}/game?broker={Issuer}&app=lifescope&scope=basic");
        var popup = await player.Page.RunAndWaitForPopupAsync(() => player.Page.ClickAsync("#popup"));
        await popup.GetByRole(AriaRole.Button, new() { Name = "Decline" }).ClickAsync();
        await Expect(player.Page, "#result", "access_denied");
    }

    [ToolTheory("chromium")]
    [InlineData("popup")]
    [InlineData("same-tab")]
    [InlineData("device")]
    public async Task The_sample_page_signs_in(string sample)
    {
        await using var player = await Chromium.NewPlayerAsync();
        await player.Page.GotoAsync($"{_origin}/web/{sample}.html?broker={Issuer}&app=lifescope&scope=basic");
        switch (sample)
        {
            case "popup":
                await ConsentAsync(await player.Page.RunAndWaitForPopupAsync(() => player.Page.ClickAsync("#sign-in")));
                break;
            case "same-tab":
                await player.Page.ClickAsync("#sign-in");
                await ConsentAsync(player.Page);
                break;
            default:
                await player.Page.ClickAsync("#sign-in");
                using (var phone = _broker.NewBrowser())
                    await phone.SignDeviceInAsync((await player.Page.Locator("#result a").GetAttributeAsync("href"))!);
                break;
        }
        await Expect(player.Page, "#result", "Signed in");
    }

    private string Issuer => _broker.Url.AbsoluteUri.TrimEnd('/');

    private static async Task ConsentAsync(IPage page)
    {
        await page.GetByLabel("Player").FillAsync("ada");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in and approve" }).ClickAsync();
    }

    private static Task Expect(IPage page, string selector, string text) =>
        Assertions.Expect(page.Locator(selector)).ToHaveTextAsync(text, new() { Timeout = 30_000 });

    private static IResult Sample(string file)
    {
        var path = Repository.File(["samples", .. file.Split('/')]);
        var type = Path.GetExtension(path) == ".js" ? "text/javascript" : "text/html";
        return File.Exists(path) ? Results.File(path, type) : Results.NotFound();
    }

    /// <summary>A game that uses oidc-client-ts as its documentation says, and is its own page to come back to.</summary>
    private const string GamePage = """
        <!doctype html><meta charset="utf-8"><title>Game</title>
        <button id="popup">Popup</button> <button id="here">Here</button> <button id="refresh">Refresh</button>
        <button id="revoke">Revoke</button> <output id="result"></output>
        <script src="/oidc-client-ts.js"></script>
        <script>
          const query = new URLSearchParams(location.search);
          const settings = query.has('broker') ? Object.fromEntries(query) : JSON.parse(sessionStorage.getItem('settings'));
          sessionStorage.setItem('settings', JSON.stringify(settings));
          const manager = new oidc.UserManager({
            authority: settings.broker, client_id: settings.app, scope: settings.scope, redirect_uri: location.origin + '/game',
            loadUserInfo: false, automaticSilentRenew: false,
          });
          const by = (id) => document.getElementById(id);
          const show = (promise, text) => promise.then(
            () => { by('result').textContent = text; }, (error) => { by('result').textContent = error.error ?? error.message; });
          by('popup').onclick = () => show(manager.signinPopup(), 'Signed in');
          by('here').onclick = () => manager.signinRedirect();
          by('refresh').onclick = () => show(manager.signinSilent(), 'Refreshed');
          by('revoke').onclick = () => show(manager.revokeTokens(['refresh_token']), 'Revoked');
          if (query.has('state')) opener ? manager.signinPopupCallback() : show(manager.signinRedirectCallback(), 'Signed in');
        </script>
        """;
}
