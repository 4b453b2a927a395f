using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using TokenBroker.Crypto;
using TokenBroker.Local.Emulators;
using TokenBroker.SignIns;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Hostile;

/// <summary>How often a stranger can make the broker call a provider. It holds in-process and on the real worker.</summary>
public abstract class ProviderCallContract : IAsyncLifetime
{
    private const int Most = FailureLimiter.MaxProviderFailures;
    private const string Stranger = "127.0.0.66";
    private const string SomebodyElse = "127.0.0.77";
    private WebApplication _revocations = null!;
    private int _revocationCount;

    internal abstract EmulatedProvider Aura { get; }

    internal abstract ProtectionKey Key { get; }

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _revocations = builder.Build();
        // As RFC 7009 §2.2 wants it, known or not.
        _revocations.MapPost("/revoke", () =>
        {
            Interlocked.Increment(ref _revocationCount);
            return Results.Ok();
        });
        await _revocations.StartAsync();
        await StartAsync("aura", $"{_revocations.Urls.First()}/revoke");
    }

    public async Task DisposeAsync()
    {
        await StopAsync();
        await _revocations.DisposeAsync();
    }

    [Fact]
    public async Task Junk_access_tokens_reach_a_provider_thirty_times_also_all_at_once_and_hold_up_nobody_else()
    {
        using var stranger = NewGame(Stranger);
        using var player = NewGame(SomebodyElse);
        var before = Aura.Calls;

        var answers = await Task.WhenAll(Enumerable.Range(0, 300).Select(number => stranger.UserInfoAsync("aura", $"junk{number}")));

        Assert.Equal(Most, Aura.Calls - before);
        Assert.Equal(Most, answers.Count(answer => answer.Status == 401));
        AssertMustWait(answers.Where(answer => answer.Status != 401));
        // What is revoked counts with it.
        AssertMustWait([await stranger.PostAsync("/revoke", ("client_id", "aura"), ("token", "junk"))]);
        Assert.Equal(401, (await player.UserInfoAsync("aura", "junk-of-somebody-else")).Status);
        Assert.Equal(Most + 1, Aura.Calls - before);
    }

    [Fact]
    public async Task Junk_to_be_revoked_reaches_a_provider_thirty_times_whatever_it_answers()
    {
        using var stranger = NewGame(Stranger);
        var answers = new List<Reply>();
        for (var number = 0; number < 2 * Most; number++)
            answers.Add(await stranger.PostAsync("/revoke", ("client_id", "aura"), ("token", $"junk{number}")));
        Assert.Equal(Most, _revocationCount);
        AssertMustWait(answers.Skip(Most));
    }

    [Fact]
    public async Task Dead_refresh_tokens_reach_a_provider_thirty_times_and_end_nobody_s_user_info()
    {
        using var stranger = NewGame(Stranger);
        var tokens = await SignInAsync(stranger);
        var before = Aura.Calls;

        var answers = await Task.WhenAll(Enumerable.Range(0, 300).Select(number =>
            stranger.RefreshAsync("aura", new SealedRefreshToken("aura", [], $"dead{number}").Seal(Key))));

        Assert.Equal(Most, Aura.Calls - before);
        Assert.Equal(Most, answers.Count(answer => answer.Status == 400));
        AssertMustWait(answers.Where(answer => answer.Status != 400));
        Assert.Equal(200, (await stranger.UserInfoAsync("aura", tokens.OAuthToken!)).Status);
    }

    [Fact]
    public async Task Junk_access_tokens_that_a_game_s_server_passes_on_end_no_refresh()
    {
        using var server = NewGame(Stranger);
        var tokens = await SignInAsync(server);
        for (var number = 0; number < Most; number++)
            await server.UserInfoAsync("aura", $"junk{number}");
        AssertMustWait([await server.UserInfoAsync("aura", tokens.OAuthToken!)]);
        Assert.Equal(200, (await server.RefreshAsync("aura", tokens.Text("refresh_token")!)).Status);
    }

    [Fact]
    public async Task What_a_provider_has_just_refused_it_is_not_asked_about_again()
    {
        using var game = NewGame(Stranger);
        var dead = new SealedRefreshToken("aura", [], "dead").Seal(Key);
        var before = Aura.Calls;
        for (var number = 0; number < 2 * Most; number++)
        {
            Assert.Equal((401, "invalid_token"), await OutcomeAsync(game.UserInfoAsync("aura", "junk")));
            Assert.Equal((400, "invalid_grant"), await OutcomeAsync(game.RefreshAsync("aura", dead)));
        }
        Assert.Equal(2, Aura.Calls - before);
    }

    [Fact]
    public async Task One_refresh_token_that_is_revoked_again_and_again_reaches_a_provider_once()
    {
        using var game = NewGame(Stranger);
        var tokens = await SignInAsync(game);
        for (var number = 0; number < 2 * Most; number++)
        {
            var reply = await game.PostAsync("/revoke", ("client_id", "aura"), ("token", tokens.Text("refresh_token")!));
            Assert.Equal(200, reply.Status);
        }
        Assert.Equal(1, _revocationCount);
    }

    [Fact]
    public async Task A_token_that_was_refused_elsewhere_is_revoked_all_the_same()
    {
        using var game = NewGame(Stranger);
        Assert.Equal(401, (await game.UserInfoAsync("aura", "expired")).Status);
        Assert.Equal(200, (await game.PostAsync("/revoke", ("client_id", "aura"), ("token", "expired"))).Status);
        Assert.Equal(1, _revocationCount);
    }

    [Theory]
    [InlineData(403, "<html>Blocked</html>")]
    [InlineData(400, "")]
    [InlineData(200, "<html>Sorry</html>")]
    [InlineData(200, "{\"error\":\"something else\"}")]
    [InlineData(302, "")]
    [InlineData(429, "{}")]
    [InlineData(422, "{\"error\":\"invalid_request\"}")]
    public async Task A_refusal_that_says_nothing_readable_counts_too(int status, string body)
    {
        Aura.Misbehaviour = http =>
        {
            http.Response.StatusCode = status;
            return http.Response.Body.WriteAsync(System.Text.Encoding.UTF8.GetBytes(body)).AsTask();
        };
        using var stranger = NewGame(Stranger);
        var before = Aura.Calls;
        for (var number = 0; number < 2 * Most; number++)
            await stranger.RefreshAsync("aura", new SealedRefreshToken("aura", [], $"dead{number}").Seal(Key));
        // Where the secret may be wrong it is read again, once, and tried again.
        Assert.InRange(Aura.Calls - before, Most, Most + 1);
    }

    [Fact]
    public async Task Successes_do_not_count()
    {
        using var game = NewGame(Stranger);
        var tokens = await SignInAsync(game);
        for (var number = 0; number < Most + 10; number++)
        {
            Assert.Equal(200, (await game.UserInfoAsync("aura", tokens.OAuthToken!)).Status);
            tokens = await game.RefreshAsync("aura", tokens.Text("refresh_token")!);
            Assert.Equal(200, tokens.Status);
            tokens = tokens with { Body = tokens.Body.Replace("access_token", "oauth_token", StringComparison.Ordinal) };
        }
    }

    [Fact]
    public async Task Junk_codes_reach_a_provider_thirty_times_and_then_the_sign_in_waits()
    {
        var before = Aura.Calls;
        for (var number = 0; number < Most; number++)
            Assert.Equal(502, (await CompleteWithJunkAsync()).Page.Status);
        var (page, browser) = await CompleteWithJunkAsync();
        using (browser)
        {
            Assert.Equal((429, "Too many sign-ins"), (page.Status, page.Heading));
            Assert.InRange(int.Parse(page.Header("Retry-After")!, CultureInfo.InvariantCulture), 1, 300);
            Assert.Equal(Most, Aura.Calls - before);
            Assert.Equal("Not signed in yet", (await browser.GetAsync("/complete")).Heading);
        }
        // Device codes, access codes and refreshes are counted apart.
        using var game = NewGame("127.0.0.1");
        Assert.Equal("invalid_grant", (await game.ExchangeAsync(Codes.New().Text)).Error);
    }

    internal abstract Task StartAsync(string app, string revocationEndpoint);

    internal abstract Task StopAsync();

    internal abstract Browser NewBrowser();

    internal abstract Game NewGame(string address);

    private async Task<Reply> SignInAsync(Game game)
    {
        using var browser = NewBrowser();
        return await game.ExchangeAsync(await browser.SignInAsync("/create-session?app=aura"));
    }

    private async Task<(Answer Page, Browser Browser)> CompleteWithJunkAsync()
    {
        var browser = NewBrowser();
        var begun = await browser.GetAsync("/create-session?app=aura");
        var state = System.Web.HttpUtility.ParseQueryString(new Uri(begun.Location!).Query)["state"];
        return (await browser.OpenAsync($"/complete?code=junk&state={state}"), browser);
    }

    private static void AssertMustWait(IEnumerable<Reply> replies) => Assert.All(replies, reply =>
    {
        Assert.Equal((429, "too_many_attempts"), (reply.Status, reply.Error));
        Assert.InRange(reply.Response.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 300);
    });

    private static async Task<(int Status, string? Error)> OutcomeAsync(Task<Reply> asking)
    {
        var reply = await asking;
        return (reply.Status, reply.Error);
    }
}
