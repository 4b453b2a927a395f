using AngleSharp.Html.Dom;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.IdentityModel.JsonWebTokens;
using TokenBroker.Local.Emulators;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Endpoints;

/// <summary>
/// Providers that are no plain OAuth: Steam names the player and gives no token, Apple posts its answer and wants a signed secret.
/// </summary>
public sealed class SteamAndAppleTests
{
    [Fact]
    public async Task Steam_names_the_player_by_all_three_endings_and_the_broker_gives_the_token()
    {
        await using var broker = await Broker.StartAsync(await Broker.NewTableStoreAsync(), more: [new EmulatedSteam()]);
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var byCode = await game.ExchangeAsync(await browser.SignInAsync("/create-session?app=steam&scopes=openid"));
        var redirecting = new RedirectGame(game, "steam") { Scope = "openid" };
        var byRedirect = await redirecting.RedeemAsync((await redirecting.SignInAsync(browser))["code"]);
        var device = await game.StartDeviceAsync("steam", "openid");
        await browser.SignDeviceInAsync(device.Text("verification_uri_complete")!);
        var byDevice = await game.PollAsync(device, "steam");

        var subjects = new[] { byCode, byRedirect, byDevice }.Select(reply =>
        {
            Assert.Equal((200, "Bearer", "600"), (reply.Status, reply.Text("token_type"), reply.Text("expires_in")));
            Assert.Null(reply.Text("refresh_token"));
            return new JsonWebToken(reply.Text("id_token")).Subject;
        }).Distinct().ToList();
        Assert.Matches(@"^steam\|7656119[0-9]{10}$", Assert.Single(subjects));

        var token = byRedirect.Text("access_token")!;
        Assert.StartsWith("tbi1.", token, StringComparison.Ordinal);
        Assert.Equal(subjects[0], (await game.UserInfoAsync("steam", token)).Text("sub"));
        Assert.Equal("invalid_token", (await game.UserInfoAsync("steam", token[..^4] + "AAAA")).Error);
        Assert.Equal("invalid_token", (await game.UserInfoAsync("aura", token)).Error);
        broker.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal("invalid_token", (await game.UserInfoAsync("steam", token)).Error);
    }

    [Fact]
    public async Task Without_openid_there_is_a_token_and_no_ID_token_and_declining_is_told()
    {
        await using var broker = await Broker.StartAsync(more: [new EmulatedSteam()]);
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var redirecting = new RedirectGame(game, "steam") { Scope = null };
        var reply = await redirecting.RedeemAsync((await redirecting.SignInAsync(browser))["code"]);
        Assert.Null(reply.Text("id_token"));
        Assert.StartsWith("steam|", (await game.UserInfoAsync("steam", reply.Text("access_token")!)).Text("sub"), StringComparison.Ordinal);

        // A name that the browser brings is Apple's way alone.
        redirecting = new RedirectGame(game, "steam") { Scope = "openid profile" };
        var back = (await browser.DecideAsync(await browser.OpenAsync(redirecting.Address()), "approve")).Location!;
        var state = QueryHelpers.ParseQuery(new Uri(back).Query)["state"].ToString();
        var sealedName = (await browser.PostAsync(new(broker.Url, "/complete"), new()
        {
            ["state"] = state,
            ["user"] = "{\"name\":{\"firstName\":\"Admin\"}}",
        })).Location!.Split("user=")[1];
        var answer = redirecting.ParametersOf(await browser.GetAsync($"{back}&user={sealedName}"));
        var named = new JsonWebToken((await redirecting.RedeemAsync(answer["code"])).Text("id_token"));
        Assert.False(named.TryGetClaim("name", out _));
        Assert.Equal("access_denied", (await redirecting.SignInAsync(browser, "deny"))["error"]);
    }

    [Theory]
    [InlineData("openid.op_endpoint", "https://evil.example.com/openid/login")]
    [InlineData("openid.return_to", "https://evil.example.com/complete")]
    [InlineData("openid.claimed_id", "https://steamcommunity.com/openid/id/76561197960265729")]
    [InlineData("openid.claimed_id", "https://evil.example.com/openid/id/76561197960265729")]
    [InlineData("openid.identity", "https://steamcommunity.com/openid/id/76561197960265729")]
    [InlineData("openid.signed", "signed,op_endpoint,claimed_id,identity,return_to,assoc_handle")]
    [InlineData("openid.signed", "")]
    [InlineData("openid.response_nonce", "2001-01-01T00:00:00Zold")]
    [InlineData("openid.response_nonce", "nonsense")]
    [InlineData("openid.sig", "guessed")]
    [InlineData("openid.ns", "http://openid.net/signon/1.1")]
    public async Task An_answer_that_was_changed_names_nobody(string name, string value)
    {
        var steam = new EmulatedSteam { Tamper = answer => answer[name] = value };
        await using var broker = await Broker.StartAsync(more: [steam]);
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        Assert.Equal("server_error", (await new RedirectGame(game, "steam") { Scope = "openid" }.SignInAsync(browser))["error"]);
    }

    [Fact]
    public async Task One_player_s_answer_ends_nobody_else_s_sign_in()
    {
        await using var broker = await Broker.StartAsync(more: [new EmulatedSteam()]);
        using var browser = broker.NewBrowser();
        using var thief = broker.NewBrowser();
        using var game = broker.NewGame();
        var redirecting = new RedirectGame(game, "steam") { Scope = "openid" };
        var back = await browser.DecideAsync(await browser.OpenAsync(redirecting.Address()), "approve");
        var own = RedirectGame.QueryOf((await thief.GetAsync(redirecting.Address())).Location!)["openid.return_to"];
        var stolen = QueryHelpers.ParseQuery(new Uri(back.Location!).Query);
        stolen["state"] = QueryHelpers.ParseQuery(new Uri(own).Query)["state"];
        var answer = await thief.GetAsync(QueryHelpers.AddQueryString("/complete", stolen));
        Assert.Equal("server_error", redirecting.ParametersOf(answer)["error"]);
        Assert.Contains("code", redirecting.ParametersOf(await browser.GetAsync(back.Location!)).Keys);
    }

    [Fact]
    public async Task Apple_s_form_leads_to_a_sign_in_with_the_name_that_comes_once()
    {
        await using var broker = await Broker.StartAsync(more: [new EmulatedApple()]);
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var redirecting = new RedirectGame(game, "apple") { Scope = "openid profile email" };

        var (posted, answer) = await SignInAsync(browser, redirecting, "approve");

        // A cross-site form brings no cookie, so the browser is sent on by GET, and the name travels sealed.
        Assert.Equal(303, posted.Status);
        Assert.DoesNotContain("Appleseed", posted.Location, StringComparison.Ordinal);
        var reply = await redirecting.RedeemAsync(redirecting.ParametersOf(answer)["code"]);
        var token = new JsonWebToken(reply.Text("id_token"));
        Assert.Equal(("ada Appleseed", "true"), (token.GetClaim("name").Value, token.GetClaim("email_verified").Value));
        Assert.StartsWith("apple|", token.Subject, StringComparison.Ordinal);
        Assert.Equal(200, (await game.RefreshAsync("apple", reply.Text("refresh_token")!)).Status);

        // The second time there is no name, and the same player.
        (_, answer) = await SignInAsync(browser, redirecting, "approve");
        var again = new JsonWebToken((await redirecting.RedeemAsync(redirecting.ParametersOf(answer)["code"])).Text("id_token"));
        Assert.Equal(token.Subject, again.Subject);
        Assert.False(again.TryGetClaim("name", out _));

        (_, answer) = await SignInAsync(browser, redirecting, "deny");
        Assert.Equal("access_denied", redirecting.ParametersOf(answer)["error"]);
    }

    [Fact]
    public async Task A_posted_answer_is_believed_no_more_than_any_other()
    {
        await using var broker = await Broker.StartAsync(more: [new EmulatedApple()]);
        using var browser = broker.NewBrowser();
        var state = new string('x', 55);
        var posted = await browser.PostAsync(new(broker.Url, "/complete"), new()
        {
            ["code"] = "guessed",
            ["state"] = state,
            ["user"] = "{\"name\":{\"firstName\":\"<b>\"}}",
            ["else"] = "dropped",
        });
        Assert.Equal(303, posted.Status);
        Assert.StartsWith($"/complete?code=guessed&state={state}&user=", posted.Location, StringComparison.Ordinal);
        Assert.DoesNotContain("else", posted.Location, StringComparison.Ordinal);
        Assert.Equal(400, (await browser.GetAsync(posted.Location!)).Status);
        foreach (var user in new[] { "nonsense", "[]", "{}", "{\"name\":1}", "{\"name\":{\"firstName\":1}}",
            $"\"{new string('x', 60_000)}\"" })
        {
            var answer = await browser.PostAsync(new(broker.Url, "/complete"), new() { ["state"] = state, ["user"] = user });
            Assert.Equal((303, $"/complete?state={state}"), (answer.Status, answer.Location));
        }
    }

    /// <summary>Signs in, and sends the form by which Apple has the browser go back.</summary>
    private static async Task<(Answer Posted, Answer ToGame)> SignInAsync(Browser browser, RedirectGame redirecting, string decision)
    {
        var page = await browser.DecideAsync(await browser.OpenAsync(redirecting.Address()), decision);
        var form = page.Document.Forms.Single();
        var fields = form.Elements.OfType<IHtmlInputElement>().ToDictionary(input => input.Name!, input => input.Value);
        var posted = await browser.PostAsync(new(form.GetAttribute("action")!), fields);
        return (posted, await browser.GetAsync(posted.Location!));
    }
}
