using System.Diagnostics;
using System.Net;
using System.Text.Json;
using AngleSharp.Html.Dom;
using Duende.IdentityModel.Client;
using Duende.IdentityModel.OidcClient;
using Duende.IdentityModel.OidcClient.Browser;
using Microsoft.Extensions.DependencyInjection;
using TokenBroker.Local.Emulators;
using TokenBroker.OAuth;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.OAuth;

/// <summary>
/// Standard clients that nobody here wrote learn who the player is, and check it, by discovery alone; so do game servers.
/// </summary>
public sealed class OpenIdClientTests
{
    [Theory]
    [InlineData("aura", "openid profile", "aura|127.0.0.1|d9dc02bf-b88f-40bc-b423-bc369f545067")]
    [InlineData("tachi", "openid", "tachi|127.0.0.1|1")]
    [InlineData("lifescope", "openid basic", "lifescope|ada")]
    [InlineData("oidc", "openid profile email", "oidc|127.0.0.1|")]
    [InlineData("riot", "openid", "riot|")]
    [InlineData("apple", "openid profile email", "apple|")]
    [InlineData("steam", "openid", "steam|7656119")]
    public async Task Openid_client_oauth4webapi_and_Duende_check_who_the_player_is(string app, string scope, string subject)
    {
        await using var broker = await StartAsync();
        var issuer = broker.Url.AbsoluteUri.TrimEnd('/');
        var subjects = new List<string>();
        foreach (var library in new[] { "openid-client", "oauth4webapi" })
        {
            using var game = Process.Start(new ProcessStartInfo(
                "node", [Repository.File("Functions.Tests", "OAuth", "openid.mjs"), library, issuer, app, scope])
            { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var errors = game.StandardError.ReadToEndAsync();
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            var line = await game.StandardOutput.ReadLineAsync(patience.Token) ?? throw new InvalidOperationException(await errors);
            using var browser = broker.NewBrowser();
            await browser.GetPatientlyAsync(await SignInAsync(browser, line.Replace("Open ", "", StringComparison.Ordinal)));
            var output = await game.StandardOutput.ReadToEndAsync(patience.Token);
            Assert.True(output.Length > 0, await errors);
            subjects.Add(JsonDocument.Parse(output).RootElement.GetProperty("sub").GetString()!);
        }

        using var player = broker.NewBrowser();
        var client = new OidcClient(new()
        {
            Authority = issuer,
            ClientId = app,
            Scope = scope,
            RedirectUri = "http://127.0.0.1:51234/callback",
            LoadProfile = false, // What /userinfo answers is the provider's, not OpenID's.
            DisablePushedAuthorization = true,
            Browser = new PlayersBrowser(player),
            Policy = new() { Discovery = new DiscoveryPolicy { RequireHttps = false } },
        });
        var result = await client.LoginAsync(new LoginRequest());
        Assert.False(result.IsError, $"{result.Error} {result.ErrorDescription}");
        subjects.Add(result.User.FindFirst("sub")!.Value);

        Assert.StartsWith(subject, Assert.Single(subjects.Distinct()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dotnet")]
    [InlineData("node")]
    public async Task A_game_s_server_lets_a_player_in_by_ID_token_and_nobody_else(string kind)
    {
        await using var broker = await StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var (issuer, port) = (broker.Url.AbsoluteUri.TrimEnd('/'), Ports.Free());
        using var server = Process.Start(kind == "dotnet"
            ? new ProcessStartInfo("dotnet",
            [
                Repository.File("samples", "GameBackend", "bin", Repository.Configuration, "net10.0", "GameBackend.dll"),
                "--urls", $"http://127.0.0.1:{port}", "--broker", issuer, "--app", "aura", "--Logging:LogLevel:Default", "None",
            ])
            : new ProcessStartInfo("node", [Repository.File("samples", "backend.mjs"), issuer, "aura", $"{port}"]))!;
        try
        {
            using var http = new HttpClient { BaseAddress = new($"http://127.0.0.1:{port}") };
            var mine = await game.ExchangeAsync(await browser.SignInAsync("/create-session?app=aura&scopes=openid"));
            var another = await game.ExchangeAsync(await browser.SignInAsync("/create-session?app=tachi&scopes=openid"));
            await using var other = await StartAsync();
            using var otherBrowser = other.NewBrowser();
            using var otherGame = other.NewGame();
            var foreign = await otherGame.ExchangeAsync(await otherBrowser.SignInAsync("/create-session?app=aura&scopes=openid"));
            await Wait.UntilAsync(async () =>
            {
                try
                {
                    return (await AskAsync(http, null)).StatusCode == HttpStatusCode.Unauthorized;
                }
                catch (HttpRequestException)
                {
                    return false; // It does not listen yet.
                }
            });

            var token = mine.Text("id_token")!;
            var welcome = await AskAsync(http, token);
            Assert.Equal(HttpStatusCode.OK, welcome.StatusCode);
            Assert.Contains("\"player\":\"aura|127.0.0.1|d9dc02bf-b88f-40bc-b423-bc369f545067\"",
                await welcome.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            var parts = token.Split('.');
            foreach (var wrong in new[]
            {
                null, "nonsense", mine.OAuthToken, another.Text("id_token"), foreign.Text("id_token"), $"{parts[0]}.{parts[1]}.",
                $"{parts[0]}.{parts[1]}A.{parts[2]}",
            })
                Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(http, wrong)).StatusCode);
        }
        finally
        {
            server.Kill(entireProcessTree: true);
        }
    }

    private static async Task<HttpResponseMessage> AskAsync(HttpClient http, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/me");
        if (token is not null)
            request.Headers.Authorization = new("Bearer", token);
        return await http.SendAsync(request);
    }

    /// <summary>A broker whose tokens are dated by the real clock, as the clients are.</summary>
    private static async Task<Broker> StartAsync()
    {
        var broker = await Broker.StartAsync(
            more: [new EmulatedOpenId(), new EmulatedRiot(), new EmulatedApple(), new EmulatedSteam()]);
        // Before the clock jumps, which ends every wait for a provider.
        await Wait.UntilAsync(() => Task.FromResult(broker.Services.GetRequiredService<Discovery>().IsComplete));
        broker.Time.SetUtcNow(DateTimeOffset.UtcNow);
        return broker;
    }

    /// <summary>Signs in, and sends a form that a provider has the browser post.</summary>
    /// <returns>The address of the game that the player comes back to.</returns>
    private static async Task<string> SignInAsync(Browser browser, string address)
    {
        var answer = await browser.DecideAsync(await browser.OpenAsync(address), "approve");
        if (answer.Location is null)
        {
            var form = answer.Document.Forms.Single();
            answer = await browser.PostAsync(new(form.GetAttribute("action")!),
                form.Elements.OfType<IHtmlInputElement>().ToDictionary(input => input.Name!, input => input.Value));
        }
        return (await browser.OpenToGameAsync(new Uri(answer.Url, answer.Location!).AbsoluteUri)).Location!;
    }

    private sealed class PlayersBrowser(Browser browser) : IBrowser
    {
        public async Task<BrowserResult> InvokeAsync(BrowserOptions options, CancellationToken cancellationToken = default) =>
            new() { ResultType = BrowserResultType.Success, Response = await SignInAsync(browser, options.StartUrl) };
    }
}
