using Microsoft.Playwright;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Web.Pages;

/// <summary>What a player does and sees, in a real browser.</summary>
public sealed class ChromiumTests
{
    [ToolTheory("chromium")]
    [InlineData("lifescope", "basic")]
    [InlineData("aura", "")]
    [InlineData("webroot", "ECom.Shop")]
    [InlineData("tachi", "")]
    [InlineData("wishtack", "read")]
    public async Task A_player_signs_in_reads_the_code_and_reloads(string app, string scopes)
    {
        await using var broker = await Broker.StartAsync(await Broker.NewTableStoreAsync());
        await using var player = await Chromium.NewPlayerAsync(broker);
        using var game = broker.NewGame();
        await player.OpenAsync($"/create-session?app={app}&scopes={scopes}");
        await player.ConsentAsync();
        var code = await player.CodeAsync();
        Assert.Equal(new Uri(broker.Url, "/complete").AbsoluteUri, player.Page.Url);

        await player.Page.ReloadAsync();

        Assert.Equal(code, await player.CodeAsync());
        Assert.Equal(200, (await game.ExchangeAsync(code)).Status);
        Assert.Empty(player.Complaints);
    }

    [ToolFact("chromium")]
    public async Task Back_and_forward_and_a_second_tab_show_the_same_code_or_say_what_to_do()
    {
        await using var broker = await Broker.StartAsync();
        await using var player = await Chromium.NewPlayerAsync(broker);
        await player.OpenAsync("/create-session?scopes=basic");
        await player.ConsentAsync();
        var code = await player.CodeAsync();
        await player.Page.GoBackAsync();
        Assert.NotEqual(broker.Url.Authority, new Uri(player.Page.Url).Authority);
        await player.Page.GoForwardAsync();
        Assert.Equal(code, await player.CodeAsync());

        var tab = await player.NewTabAsync();
        await tab.OpenAsync("/complete");
        Assert.Equal(code, await tab.CodeAsync());
        // A second sign-in in the other tab takes over; the first page says the new code when it is loaded again.
        await tab.OpenAsync("/create-session?scopes=basic");
        await tab.ConsentAsync("grace");
        await player.Page.ReloadAsync();
        Assert.Equal(await tab.CodeAsync(), await player.CodeAsync());
        Assert.Empty(player.Complaints.Concat(tab.Complaints));
    }

    [ToolFact("chromium")]
    public async Task The_code_is_copied_by_its_button_and_grouped_for_the_eye()
    {
        await using var broker = await Broker.StartAsync();
        await using var player = await Chromium.NewPlayerAsync(broker, new() { Permissions = ["clipboard-read", "clipboard-write"] });
        await player.OpenAsync("/create-session?scopes=basic");
        await player.ConsentAsync();
        await player.Page.GetByRole(AriaRole.Button, new() { Name = "Copy code" }).ClickAsync();
        // The clipboard answers the page when it has the code, not at the click.
        await Microsoft.Playwright.Assertions.Expect(player.Page.Locator("#say")).ToHaveTextAsync("Copied");
        Assert.Equal(await player.CodeAsync(), await player.Page.EvaluateAsync<string>("navigator.clipboard.readText()"));
        // Selected by hand it is the bare code as well.
        Assert.Equal(await player.CodeAsync(), await player.Page.EvaluateAsync<string>("""
            () => { getSelection().selectAllChildren(document.getElementById('access-code')); return getSelection().toString(); }
            """));
        Assert.Empty(player.Complaints);
    }

    [ToolFact("chromium")]
    public async Task The_clock_runs_is_announced_politely_and_ends_with_a_way_to_a_new_code()
    {
        await using var broker = await Broker.StartAsync();
        await using var player = await Chromium.NewPlayerAsync(broker);
        await player.Page.Clock.InstallAsync();
        await player.Page.Clock.PauseAtAsync(DateTime.UtcNow.AddHours(1));
        await player.OpenAsync("/create-session?scopes=basic");
        await player.ConsentAsync();
        Assert.Equal("5:00", await player.Page.Locator("#left").InnerTextAsync());
        Assert.Equal(300, await player.Page.Locator("#bar").EvaluateAsync<double>("bar => bar.value"));
        await player.Page.Clock.RunForAsync(61_000);
        Assert.Equal(239, await player.Page.Locator("#bar").EvaluateAsync<double>("bar => bar.value"));
        Assert.Equal("3:59", await player.Page.Locator("#left").InnerTextAsync());
        Assert.Equal("Time left: 4:00", await player.Page.Locator("[aria-live=polite]").TextContentAsync());
        await player.Page.Locator("#copy").FocusAsync();
        var first = await player.CodeAsync();

        await player.Page.Clock.RunForAsync(240_000);

        Assert.False(await player.Page.Locator("#access-code").IsVisibleAsync());
        Assert.Equal("This code has expired", await player.Page.Locator("[aria-live=polite]").TextContentAsync());
        Assert.Equal(
            ("This code has expired", "This code has expired – lifescope demo game"),
            (await player.HeadingAsync(), await player.Page.TitleAsync()));
        Assert.False(await player.Page.Locator("#bar").IsVisibleAsync());
        Assert.Equal("Get a new code", await player.Page.EvaluateAsync<string>("document.activeElement.textContent"));
        await player.PressAsync(AriaRole.Link, "Get a new code");
        await player.ConsentAsync();
        Assert.NotEqual(first, await player.CodeAsync());
        Assert.Empty(player.Complaints);
    }

    [ToolFact("chromium")]
    public async Task Without_JavaScript_everything_works_but_the_clock_and_the_button()
    {
        await using var broker = await Broker.StartAsync();
        await using var player = await Chromium.NewPlayerAsync(broker, new() { JavaScriptEnabled = false });
        await player.OpenAsync("/create-session?scopes=basic");
        await player.ConsentAsync();
        Assert.Equal(8, (await player.CodeAsync()).Length);
        Assert.False(await player.Page.Locator("#copy").IsVisibleAsync());
        Assert.Equal("5:00", await player.Page.Locator("#left").InnerTextAsync());
    }

    [ToolFact("chromium")]
    public async Task Declining_being_late_and_forgetting_the_cookie_are_told_in_plain_words()
    {
        await using var broker = await Broker.StartAsync();
        await using var player = await Chromium.NewPlayerAsync(broker);
        await player.OpenAsync("/create-session?scopes=basic");
        await player.ConsentAsync(approve: false);
        Assert.Equal("You declined", await player.HeadingAsync());
        await player.PressAsync(AriaRole.Link, "Start again");
        broker.Time.Advance(TimeSpan.FromMinutes(5));
        await player.ConsentAsync();
        Assert.Equal("This sign-in has expired", await player.HeadingAsync());
        // By now a browser with a real clock has dropped the session's cookie: the page is the same on reload, and leads on.
        await player.Context.ClearCookiesAsync(new() { Name = "unity_session_id" });
        await player.OpenAsync("/complete");
        Assert.Equal("This sign-in has expired", await player.HeadingAsync());
        await player.PressAsync(AriaRole.Link, "Start again");
        await player.ConsentAsync();
        Assert.Equal("Enter this code in lifescope demo game", await player.HeadingAsync());

        await player.OpenAsync("/create-session?scopes=basic");
        await player.Context.ClearCookiesAsync();
        await player.ConsentAsync();
        Assert.Equal("We lost track of your sign-in", await player.HeadingAsync());
        Assert.Empty(player.Complaints);
    }

    [ToolFact("chromium")]
    public async Task Two_tabs_that_take_turns_are_told_which_one_is_good()
    {
        await using var broker = await Broker.StartAsync();
        await using var one = await Chromium.NewPlayerAsync(broker);
        var two = await one.NewTabAsync();
        await one.OpenAsync("/create-session?scopes=basic");
        await two.OpenAsync("/create-session?scopes=basic");
        await one.ConsentAsync();
        Assert.Equal("This link belongs to another sign-in", await one.HeadingAsync());
        await two.ConsentAsync();
        Assert.Equal("Enter this code in lifescope demo game", await two.HeadingAsync());
        Assert.Empty(one.Complaints.Concat(two.Complaints));
    }

    [ToolFact("chromium")]
    public async Task A_sign_in_needs_no_mouse()
    {
        await using var broker = await Broker.StartAsync();
        await using var player = await Chromium.NewPlayerAsync(broker, new() { Permissions = ["clipboard-read", "clipboard-write"] });
        await player.OpenAsync("/create-session?scopes=basic");
        await player.Page.Keyboard.PressAsync("Tab");
        await player.Page.Keyboard.PressAsync("Tab");
        await player.Page.Keyboard.PressAsync("Enter");
        await player.Page.Locator("#access-code").WaitForAsync();
        await player.Page.Keyboard.PressAsync("Tab");
        await player.Page.Keyboard.PressAsync("Enter");
        await player.Page.GetByRole(AriaRole.Button, new() { Name = "Copied" }).WaitForAsync();
        Assert.Equal(await player.CodeAsync(), await player.Page.EvaluateAsync<string>("navigator.clipboard.readText()"));
        Assert.Empty(player.Complaints);
    }

    [ToolTheory("chromium")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_device_s_pages_survive_back_reload_and_missing_scripts(bool scripts)
    {
        await using var broker = await Broker.StartAsync();
        await using var player = await Chromium.NewPlayerAsync(broker, new() { JavaScriptEnabled = scripts });
        using var game = broker.NewGame();
        var device = await game.StartDeviceAsync();
        await player.OpenAsync("/device");
        await player.Page.GetByLabel("Code").FillAsync(device.Text("user_code")!);
        await player.PressAsync(AriaRole.Button, "Continue");
        await player.Page.ReloadAsync();
        await player.PressAsync(AriaRole.Button, "Accept");
        await player.Page.GetByLabel("Player").WaitForAsync();
        await player.Page.GoBackAsync();
        await player.PressAsync(AriaRole.Button, "Accept");
        await player.ConsentAsync();
        Assert.Equal("You are signed in", await player.HeadingAsync());
        await player.Page.ReloadAsync();
        Assert.Equal("You are signed in", await player.HeadingAsync());
        // The same link, opened again, tells the same.
        await player.Page.GotoAsync(device.Text("verification_uri_complete")!);
        Assert.Equal("You are signed in", await player.HeadingAsync());
        Assert.Empty(player.Complaints);
    }

    [ToolTheory("chromium")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_double_click_under_a_popup_signs_no_stranger_s_device_in(bool scripts)
    {
        await using var broker = await Broker.StartAsync();
        await using var victim = await Chromium.NewPlayerAsync(broker, new() { JavaScriptEnabled = scripts });
        using var attacker = broker.NewGame();
        var device = await attacker.StartDeviceAsync();
        var link = device.Text("verification_uri_complete")!;
        // A page of another origin, which opens the link in a popup at the first click.
        const string hostile = "http://hostile.localhost/";
        var page = $"<!DOCTYPE html><a href='{link}' target='popup' rel='opener' " +
            "onclick=\"window.popup=window.open(this.href,'popup');return false\">Win</a>";
        await victim.Page.RouteAsync(hostile, route => route.FulfillAsync(new() { Body = page, ContentType = "text/html" }));
        await victim.Page.GotoAsync(hostile);
        var popup = await victim.Page.RunAndWaitForPopupAsync(() => victim.Page.GetByText("Win").ClickAsync());
        var accept = popup.Locator("#accept");
        await accept.WaitForAsync();

        var button = (await accept.BoundingBoxAsync())!;
        for (var clicks = 0; clicks < 3; clicks++)
            await popup.Mouse.DblClickAsync(button.X + (button.Width / 2), button.Y + (button.Height / 2));

        Assert.Equal("authorization_pending", (await attacker.PollAsync(device)).Error);
        Assert.Equal("Sign in to lifescope demo game?", await popup.Locator("h1").InnerTextAsync());
        if (scripts)
        {
            // The popup is out of its opener's reach: it can be neither moved nor sent elsewhere.
            Assert.True(await victim.Page.EvaluateAsync<bool>("popup.closed"));
            Assert.Equal("true", await popup.EvaluateAsync<string>("String(window.opener === null)"));
        }
        // The player who has the device in front of them signs in.
        await popup.GetByLabel(device.Text("user_code")!).CheckAsync();
        await accept.ClickAsync();
        await popup.GetByLabel("Player").WaitForAsync();
    }

    [ToolFact("chromium")]
    public async Task Accept_arms_a_second_after_the_page_is_there_and_again_after_it_was_covered_or_hidden()
    {
        await using var broker = await Broker.StartAsync();
        await using var player = await Chromium.NewPlayerAsync(broker);
        using var game = broker.NewGame();
        await player.Page.Clock.InstallAsync();
        await player.Page.Clock.PauseAtAsync(DateTime.UtcNow.AddHours(1));
        await player.Page.GotoAsync((await game.StartDeviceAsync()).Text("verification_uri_complete")!);
        var accept = player.Page.Locator("#accept");
        var opacity = () => accept.EvaluateAsync<string>("button => getComputedStyle(button).opacity");
        foreach (var covering in new[] { "", "window.dispatchEvent(new Event('blur'))", "window.dispatchEvent(new Event('focus'))",
            "document.dispatchEvent(new Event('visibilitychange'))" })
        {
            await player.Page.EvaluateAsync(covering);
            Assert.True(await accept.IsDisabledAsync());
            Assert.NotEqual("1", await opacity());
            await player.Page.Clock.RunForAsync(999);
            Assert.True(await accept.IsDisabledAsync());
            await player.Page.Clock.RunForAsync(1);
            Assert.True(await accept.IsEnabledAsync());
            Assert.Equal("1", await opacity());
        }
    }

    [ToolFact("chromium")]
    public async Task A_device_that_is_declined_late_or_without_cookies_is_told_in_plain_words()
    {
        await using var broker = await Broker.StartAsync();
        await using var player = await Chromium.NewPlayerAsync(broker);
        using var game = broker.NewGame();
        async Task AcceptAsync()
        {
            var device = await game.StartDeviceAsync();
            await player.Page.GotoAsync(device.Text("verification_uri_complete")!);
            await player.Page.GetByLabel(device.Text("user_code")!).CheckAsync();
            await player.PressAsync(AriaRole.Button, "Accept");
        }

        await AcceptAsync();
        await player.ConsentAsync(approve: false);
        Assert.Equal("You declined", await player.HeadingAsync());
        await AcceptAsync();
        broker.Time.Advance(TimeSpan.FromMinutes(5));
        await player.ConsentAsync();
        Assert.Equal("This sign-in has expired", await player.HeadingAsync());
        await AcceptAsync();
        await player.Context.ClearCookiesAsync();
        await player.ConsentAsync();
        Assert.Equal("We lost track of your sign-in", await player.HeadingAsync());

        var declined = await game.StartDeviceAsync();
        var tab = await player.NewTabAsync();
        await tab.Page.GotoAsync(declined.Text("verification_uri_complete")!);
        await player.Page.GotoAsync(declined.Text("verification_uri_complete")!);
        await player.PressAsync(AriaRole.Button, "Decline");
        Assert.Equal("You declined", await player.HeadingAsync());
        await tab.Page.GetByLabel(declined.Text("user_code")!).CheckAsync();
        await tab.PressAsync(AriaRole.Button, "Accept");
        Assert.Equal("You declined", await tab.HeadingAsync());
        Assert.Empty(player.Complaints.Concat(tab.Complaints));
    }

    [ToolFact("chromium")]
    public async Task A_device_is_signed_in_by_typing_its_code_and_clicking()
    {
        await using var broker = await Broker.StartAsync(await Broker.NewTableStoreAsync());
        await using var player = await Chromium.NewPlayerAsync(broker);
        using var game = broker.NewGame();
        var device = await game.StartDeviceAsync();
        await player.OpenAsync("/");
        await player.Page.GetByLabel("Code").FillAsync("bcdf-bcdf");
        await player.PressAsync(AriaRole.Button, "Continue");
        Assert.StartsWith("This code is wrong", await player.Page.GetByRole(AriaRole.Alert).InnerTextAsync(), StringComparison.Ordinal);
        await player.Page.GetByLabel("Code").FillAsync(device.Text("user_code")!.ToLowerInvariant());
        await player.PressAsync(AriaRole.Button, "Continue");
        Assert.Equal(device.Text("user_code"), await player.Page.Locator("#user-code").InnerTextAsync());

        // The form's own policy must let the redirect to the provider through.
        await player.PressAsync(AriaRole.Button, "Accept");
        await player.ConsentAsync();

        Assert.Equal("You are signed in", await player.HeadingAsync());
        Assert.Equal(200, (await game.PollAsync(device)).Status);
        Assert.Empty(player.Complaints);
    }

    [ToolFact("chromium")]
    public async Task A_device_is_signed_in_and_declined_with_the_keyboard_alone()
    {
        await using var broker = await Broker.StartAsync();
        await using var player = await Chromium.NewPlayerAsync(broker);
        using var game = broker.NewGame();
        foreach (var decline in new[] { false, true })
        {
            var device = await game.StartDeviceAsync();
            await player.OpenAsync("/device");
            await player.Page.Keyboard.PressAsync("Tab");
            await player.Page.Keyboard.TypeAsync(device.Text("user_code")!);
            await player.Page.Keyboard.PressAsync("Enter");
            await player.Page.Locator("#user-code").WaitForAsync();
            await player.Page.Locator("#accept:enabled").WaitForAsync();
            for (var tab = 0; tab < (decline ? 2 : 1); tab++)
                await player.Page.Keyboard.PressAsync("Tab");
            // Whoever goes by keyboard sees where they are.
            Assert.Equal("solid", await player.Page.EvaluateAsync<string>("getComputedStyle(document.activeElement).outlineStyle"));
            await player.Page.Keyboard.PressAsync("Enter");
            if (!decline)
            {
                await player.Page.GetByLabel("Player").WaitForAsync();
                await player.Page.Keyboard.PressAsync("Tab");
                await player.Page.Keyboard.PressAsync("Tab");
                await player.Page.Keyboard.PressAsync("Enter");
            }
            await player.Page.GetByRole(AriaRole.Heading, new() { Name = decline ? "You declined" : "You are signed in" }).WaitForAsync();
            Assert.Equal(decline ? "access_denied" : null, (await game.PollAsync(device)).Error);
        }
        Assert.Empty(player.Complaints);
    }

    [ToolFact("chromium")]
    public async Task A_brand_s_colours_and_logo_are_shown_under_the_page_s_policy()
    {
        await using var broker = await Broker.StartAsync(settings: new()
        {
            ["Apps:lifescope:Logo"] = SamplePages.Logo,
            ["Apps:lifescope:AccentColor"] = "#0a7d4f",
            ["Apps:lifescope:AccentColorDark"] = "#5fd3a1",
        });
        await using var player = await Chromium.NewPlayerAsync(broker);
        await player.OpenAsync("/create-session?scopes=basic");
        await player.ConsentAsync();
        Assert.Equal("#0a7d4f", await player.Page.EvaluateAsync<string>(
            "getComputedStyle(document.documentElement).getPropertyValue('--accent')"));
        await player.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        Assert.Equal("#5fd3a1", await player.Page.EvaluateAsync<string>(
            "getComputedStyle(document.documentElement).getPropertyValue('--accent')"));
        Assert.Equal(120, await player.Page.EvaluateAsync<int>("document.querySelector('img').naturalWidth"));
        Assert.All(player.Complaints, complaint => Assert.StartsWith("image data:", complaint, StringComparison.Ordinal));
    }
}
