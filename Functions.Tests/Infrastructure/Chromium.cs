using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace TokenBroker.Tests.Infrastructure;

/// <summary>The system's own Chromium, driven by Playwright: one process for all tests, a fresh profile for each player.</summary>
internal static class Chromium
{
    private static readonly Lazy<Task<IBrowser>> Shared = new(StartAsync);

    public static async Task<Player> NewPlayerAsync(Broker? broker = null, BrowserNewContextOptions? options = null)
    {
        var context = await (await Shared.Value).NewContextAsync(options ?? new());
        return new(context, await context.NewPageAsync(), broker);
    }

    private static async Task<IBrowser> StartAsync()
    {
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Tools.Chromium, Args = ["--no-sandbox"] });
        AppDomain.CurrentDomain.ProcessExit += (_, _) => playwright.Dispose();
        return browser;
    }
}

/// <summary>A player with a browser of their own. Whatever the page complains of is remembered.</summary>
internal sealed class Player : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _complaints = new();

    public Player(IBrowserContext context, IPage page, Broker? broker)
    {
        (Context, Page, Broker) = (context, page, broker);
        Watch(page);
    }

    public IBrowserContext Context { get; }

    public IPage Page { get; }

    public Broker? Broker { get; }

    /// <summary>Errors on the console, violations of the page's policy, requests beyond the page itself.</summary>
    public IReadOnlyCollection<string> Complaints => _complaints;

    /// <summary>Shows a page as the broker would send it, on a secure origin.</summary>
    public async Task ShowAsync(string html)
    {
        const string address = "http://localhost/sample";
        await Page.UnrouteAllAsync();
        await Page.RouteAsync(address, route => route.FulfillAsync(new() { Body = html, ContentType = "text/html; charset=utf-8" }));
        await Page.GotoAsync(address);
    }

    public Task OpenAsync(string path) => Page.GotoAsync(new Uri(Broker!.Url, path).AbsoluteUri);

    /// <summary>Signs in at the emulated provider, as a player would.</summary>
    public async Task ConsentAsync(string player = "ada", bool approve = true)
    {
        await Page.GetByLabel("Player").FillAsync(player);
        await PressAsync(AriaRole.Button, approve ? "Sign in and approve" : "Decline");
    }

    /// <summary>Clicks what leads to another page, and waits until that is there.</summary>
#pragma warning disable CS0612, CS0618 // Said to be racy where the click does not navigate; here it always does.
    public Task PressAsync(AriaRole role, string name) =>
        Page.RunAndWaitForNavigationAsync(() => Page.GetByRole(role, new() { Name = name }).ClickAsync());
#pragma warning restore CS0612, CS0618

    public Task<string> CodeAsync() => Page.Locator("#access-code").InnerTextAsync();

    public Task<string> HeadingAsync() => Page.Locator("h1").InnerTextAsync();

    public async Task<Player> NewTabAsync()
    {
        var tab = await Context.NewPageAsync();
        return new(Context, tab, Broker);
    }

    public ValueTask DisposeAsync() => Context.DisposeAsync();

    private void Watch(IPage page)
    {
        page.Console += (_, message) =>
        {
            // Chromium reports every status from 400 on as an error; our pages mean them.
            if (message.Type == "error" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal))
                _complaints.Enqueue(message.Text);
        };
        page.PageError += (_, error) => _complaints.Enqueue(error);
        page.Request += (_, request) =>
        {
            // The provider's own pages may ask for what they like.
            if (request.ResourceType != "document" && (Broker is null || new Uri(request.Frame.Url).Authority == Broker.Url.Authority))
                _complaints.Enqueue($"{request.ResourceType} {request.Url}");
        };
    }
}
