using TokenBroker.Tests.Infrastructure;
using TokenBroker.Web.Pages;

namespace TokenBroker.Tests.Web.Pages;

/// <summary>Every page has a game's look and leads on; what went wrong is found in the log by what the page shows.</summary>
public sealed class LookTests
{
    private const string Mark = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'/%3E";

    private static readonly Dictionary<string, string?> Branded = new()
    {
        ["Apps:lifescope:DisplayName"] = "Asteroid Post",
        ["Apps:lifescope:Logo"] = SamplePages.Logo,
        ["Apps:lifescope:HomeUrl"] = "https://asteroid-post.example.com/",
        ["Apps:lifescope:PrivacyUrl"] = "https://asteroid-post.example.com/privacy",
        ["Apps:lifescope:TermsUrl"] = "https://asteroid-post.example.com/terms",
        ["Apps:lifescope:SupportUrl"] = "https://asteroid-post.example.com/support",
    };

    [Theory]
    [InlineData("/", 200)]
    [InlineData("/device", 200)]
    [InlineData("/create-session?app=nope", 400)]
    [InlineData("/create-session?scopes=steal:all", 400)]
    [InlineData("/complete", 400)]
    [InlineData("/authorize?client_id=nope", 400)]
    [InlineData("/nothing/here", 404)]
    public async Task A_page_that_knows_no_game_has_the_look_of_the_default_one(string url, int status)
    {
        await using var broker = await Broker.StartAsync(settings: Branded);
        using var browser = broker.NewBrowser();
        var page = await browser.GetAsync(url);
        Assert.Equal(status, page.Status);
        Assert.Equal("Asteroid Post", page.Document.QuerySelector(".brand bdi")!.TextContent);
        Assert.Equal(SamplePages.Logo, page.Document.QuerySelector(".brand img")!.GetAttribute("src"));
        Assert.Equal($"{page.Heading} – Asteroid Post", page.Document.Title);
        Assert.Equal(
            ["Website", "Privacy", "Terms", "Support"], page.Document.QuerySelectorAll("footer a").Select(link => link.TextContent));
        Assert.Equal("noindex", page.Document.QuerySelector("meta[name=robots]")!.GetAttribute("content"));
        var icon = page.Document.QuerySelector("link[rel=icon]")!.GetAttribute("href");
        Assert.StartsWith("data:image/svg+xml,", icon, StringComparison.Ordinal);
        // And of another game where it is known.
        Assert.Equal("aura demo game", (await browser.OpenAsync("/create-session?app=aura&code_challenge=x"))
            .Document.QuerySelector(".brand bdi")!.TextContent);
    }

    [Theory]
    [InlineData("/create-session?app=nope", "BadLink", "It names no game that is known here.")]
    [InlineData("/authorize?client_id=lifescope", "BadLink", "The parameter 'redirect_uri' is missing.")]
    [InlineData("/authorize?client_id=lifescope&redirect_uri=http://localhost/callback", "BadLink", "never localhost (RFC 8252 §8.3)")]
    [InlineData("/authorize?client_id=lifescope&redirect_uri=https://elsewhere.example.com/", "BadLink", "to the letter")]
    [InlineData("/authorize?client_id=lifescope&redirect_uri=http://127.0.0.1/callback", "invalid_request", "'response_type' is missing")]
    [InlineData("/complete", "CookiesOff", "no cookie of a sign-in")]
    [InlineData("/nothing", "NotFound", "")]
    public async Task What_is_wrong_leaves_one_line_with_the_reference_that_the_page_shows(string url, string answer, string problem)
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        var page = await browser.GetAsync(url);
        var line = OnlyAnswer(broker);
        Assert.StartsWith($"Answered {answer} (", line, StringComparison.Ordinal);
        Assert.Contains(problem, line, StringComparison.Ordinal);
        if (page.Document.GetElementById("reference") is { } reference)
            Assert.Contains($"trace id {reference.TextContent}", line, StringComparison.Ordinal);
        else
            Assert.Equal(303, page.Status);
    }

    [Fact]
    public async Task A_JSON_error_has_the_trace_id_of_its_line_and_a_poll_leaves_none()
    {
        await using var broker = await Broker.StartAsync();
        using var game = broker.NewGame();
        var reply = await game.ExchangeAsync(Codes.New().Text);
        var device = await game.StartDeviceAsync();
        Assert.Equal("authorization_pending", (await game.PollAsync(device)).Error);
        var line = OnlyAnswer(broker);
        var expected = $"Answered invalid_grant (400) for app none, trace id {reply.Text("trace_id")}. ";
        Assert.StartsWith(expected, line, StringComparison.Ordinal);
        Assert.Matches("^[0-9a-f]{32}$", reply.Text("trace_id"));
    }

    [Fact]
    public async Task The_root_is_where_a_device_s_code_is_entered_if_any_game_has_devices()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var device = await game.StartDeviceAsync();
        var form = await browser.GetAsync("/");
        Assert.Equal("/device", form.Document.Forms.Single().GetAttribute("action"));
        var token = form.Document.QuerySelector("input[name=form_token]")!.GetAttribute("value")!;
        var question = await browser.FollowAsync(await browser.PostAsync(
            new(broker.Url, "/device"), new() { ["form_token"] = token, ["user_code"] = device.Text("user_code")! }));
        Assert.Equal("Sign in to lifescope demo game?", question.Heading);

        await using var without = await Broker.StartAsync(settings: new()
        {
            ["Apps:lifescope:Flows:0"] = "accessCode",
            ["Apps:aura:Flows:0"] = "accessCode",
            ["Apps:webroot:Flows:0"] = "accessCode",
            ["Apps:tachi:Flows:0"] = "accessCode",
            ["Apps:wishtack:Flows:0"] = "accessCode",
            ["Apps:arcade:Flows:0"] = "accessCode",
        });
        using var other = without.NewBrowser();
        Assert.Equal("Sign-in for games", (await other.GetAsync("/")).Heading);
    }

    [Fact]
    public async Task Another_account_is_asked_for_at_the_provider()
    {
        await using var broker = await Broker.StartAsync(settings: new()
        {
            ["Apps:game:Provider"] = "github",
            ["Apps:game:ClientId"] = "id",
            ["Apps:game:ClientSecret"] = "secret",
            ["Apps:game:Scopes:0"] = "read:user",
            ["Apps:game:AuthorizationEndpoint"] = $"http://127.0.0.1:{Ports.Free()}/authorize",
        });
        using var browser = broker.NewBrowser();
        var page = await browser.OpenAsync((await browser.ApproveAsync("/create-session?scopes=basic&nonce=n")).Location!);
        var link = page.Document.Links.Single(each => each.TextContent == "Not you? Use another account").GetAttribute("href")!;
        Assert.Contains("&nonce=n&prompt=select_account", link, StringComparison.Ordinal);
        // What that comes to is the dialect's: of LifeScope it asks nothing.
        var atGitHub = await browser.GetAsync(
            link.Replace("app=lifescope&scopes=basic", "app=game&scopes=read:user", StringComparison.Ordinal));
        Assert.Contains("prompt=select_account", atGitHub.Location, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Buttons_have_the_wording_of_the_provider_and_its_mark_or_the_game_s()
    {
        await using var broker = await Broker.StartAsync(settings: new()
        {
            ["Apps:game:Providers:google:ClientId"] = "id",
            ["Apps:game:Providers:google:ClientSecret"] = "secret",
            ["Apps:game:Providers:google:Scopes:0"] = "openid",
            ["Apps:game:Providers:google:Mark"] = Mark,
            ["Apps:game:Providers:microsoft:ClientId"] = "id",
            ["Apps:game:Providers:microsoft:ClientSecret"] = "secret",
            ["Apps:game:Providers:microsoft:Scopes:0"] = "openid",
            ["Apps:game:Providers:discord:ClientId"] = "id",
            ["Apps:game:Providers:discord:ClientSecret"] = "secret",
            ["Apps:game:Providers:discord:Scopes:0"] = "identify",
            ["Apps:game:Providers:steam:ClientId"] = "",
        });
        using var browser = broker.NewBrowser();
        var page = await browser.GetAsync("/create-session?app=game");
        var buttons = page.Document.QuerySelectorAll("a.button").ToDictionary(each => each.TextContent.Trim());
        Assert.Equal(
            ["Continue with Discord", "Sign in through Steam", "Sign in with Google", "Sign in with Microsoft"], buttons.Keys.Order());
        Assert.Equal(Mark, buttons["Sign in with Google"].QuerySelector("img")!.GetAttribute("src"));
        Assert.Contains("f25022", buttons["Sign in with Microsoft"].QuerySelector("img")!.GetAttribute("src"), StringComparison.Ordinal);
        Assert.Null(buttons["Continue with Discord"].QuerySelector("img"));
        // None stands out: the rules of most ask for as much.
        Assert.Single(buttons.Values.Select(each => each.ClassName).Distinct());
    }

    private static string OnlyAnswer(Broker broker) => Assert.Single(
        broker.Log.GetSnapshot(), record => record.Message.StartsWith("Answered ", StringComparison.Ordinal)).Message;

    [Theory]
    [InlineData("Asteroid Post", "AP")]
    [InlineData("asteroid", "A")]
    [InlineData("& <Sons>", "&")]
    [InlineData("Ünïcode & Söhne", "ÜS")]
    [InlineData("ゲーム", "ゲ")]
    [InlineData("👾 Invaders", "I")]
    public void A_game_without_a_logo_has_its_first_letters(string name, string expected) => Assert.Equal(expected, Monogram.Of(name));
}
