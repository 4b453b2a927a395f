using System.Text.RegularExpressions;
using Azure;
using Azure.Security.KeyVault.Secrets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Testing;
using Moq;
using TokenBroker.Apps;
using TokenBroker.Crypto;
using TokenBroker.Local.Emulators;
using TokenBroker.Providers;
using TokenBroker.Secrets;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Docs;

/// <summary>Twelve mistakes: each is made, and what the broker says of it stands in docs/troubleshooting.md to the letter.</summary>
public sealed class TroubleshootingTests
{
    private static readonly string Page = File.ReadAllText(Repository.File("docs", "troubleshooting.md"));

    [Fact]
    public void There_are_twelve() => Assert.Equal(12, Regex.Count(Page, @"^## \d+\. ", RegexOptions.Multiline));

    [Fact]
    public async Task A_wrong_secret()
    {
        await using var broker = await Broker.StartAsync();
        broker.Emulator("aura").ClientSecret = "another";
        using var browser = broker.NewBrowser();
        await browser.FollowAsync(await browser.ApproveAsync("/create-session?app=aura"));
        AssertStands(broker, "RefusedClient");
    }

    [Fact]
    public async Task A_wrong_redirect_URI()
    {
        await using var broker = await Broker.StartAsync();
        broker.Emulator("wishtack").Misbehaviour = async http =>
        {
            http.Response.StatusCode = 400;
            await http.Response.Body.WriteAsync("""{"error":"redirect_uri_mismatch"}"""u8.ToArray());
        };
        await CompleteAsync(broker, "wishtack", "read");
        AssertStands(broker, "redirect_uri_mismatch");
    }

    [Fact]
    public async Task An_unknown_scope()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        var page = await browser.GetAsync("/create-session?scopes=basic,friends");
        Assert.Equal("This link does not work", page.Heading);
        AssertStands(broker, "Answered BadLink");
    }

    [Fact]
    public async Task A_typo_in_a_key()
    {
        var line = await StartLocalAsync("--Apps:game:Provider=discord", "--Apps:game:ClientId=x", "--Apps:game:ClientSecret=x",
            "--Apps:game:Scops:0=identify", "--Apps:game:Scopes:0=identify");
        Assert.Contains("Apps__game__Scops is unknown; did you mean Scopes?", line, StringComparison.Ordinal);
        AssertStands(line.Split(" Known:")[0]);
    }

    [Fact]
    public async Task A_port_in_use()
    {
        using var holder = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        holder.Start();
        AssertStands(await StartLocalAsync($"--urls=http://{holder.LocalEndpoint}"));
    }

    [Fact]
    public async Task No_right_on_the_vault()
    {
        var vault = new Mock<SecretClient>();
        vault.Setup(client => client.GetSecretAsync(It.IsAny<string>(), It.IsAny<string>(), It.IsAny<CancellationToken>()))
            .ThrowsAsync(new RequestFailedException(403, "the body of the answer", "Forbidden", null));
        vault.Setup(client => client.GetPropertiesOfSecretVersionsAsync(It.IsAny<string>(), It.IsAny<CancellationToken>()))
            .Throws(new RequestFailedException(403, "the body of the answer", "Forbidden", null));
        var (log, apps) = (new FakeLogger<VaultSecrets>(), Apps());
        await new VaultSecrets(vault.Object, apps, log).RefreshAsync(default);
        AssertStands(log.Collector.GetSnapshot().Select(record => record.Message).First(message =>
            message.Contains("lifescope-client-secret", StringComparison.Ordinal)));

        static AppCatalog Apps() => AppCatalog.From(
            new ConfigurationBuilder().AddInMemoryCollection([new("Apps:lifescope:ClientId", "id")]).Build(), ProviderCatalog.Embedded());
    }

    [Fact]
    public async Task A_clock_that_is_off_by_ten_minutes()
    {
        var openId = new EmulatedOpenId { Fault = EmulatedFault.ClockAhead };
        await using var broker = await Broker.StartAsync(more: [openId]);
        await CompleteAsync(broker, "oidc", "openid");
        AssertStands(broker, "ID token of the provider");
    }

    [Fact]
    public async Task A_provider_that_is_down()
    {
        await using var broker = await Broker.StartAsync();
        broker.LifeScope.Fault = EmulatedFault.Down;
        await CompleteAsync(broker, "lifescope", "basic");
        AssertStands(broker, "HTML in place of JSON");
    }

    [Fact]
    public async Task Http_on_the_network() => AssertStands(await StartLocalAsync("--Broker:PublicUrl=http://192.168.1.5:7071"));

    [Fact]
    public async Task An_origin_that_is_not_allowed()
    {
        await using var broker = await Broker.StartAsync();
        using var game = broker.NewGame();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/token") { Content = new FormUrlEncodedContent([]) };
        request.Headers.Add("Origin", "https://play.example.com");
        request.Headers.Add("Sec-Fetch-Mode", "cors");
        request.Headers.Add("Sec-Fetch-Site", "cross-site");
        AssertStands(Description(await game.SendAsync(request)));
    }

    [Fact]
    public async Task A_code_typed_in_lower_case()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var code = await browser.SignInAsync();
        while (!code.Any(char.IsAsciiLetterUpper))
            code = await browser.SignInAsync();
        AssertStands(Description(await game.ExchangeAsync(code.ToLowerInvariant())));
        Assert.Equal(200, (await game.ExchangeAsync(code)).Status);
    }

    [Fact]
    public async Task A_forgotten_verifier()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var challenge = Pkce.Challenge(RedirectGame.Verifier);
        var code = await browser.SignInAsync($"/create-session?scopes=basic&code_challenge={challenge}&code_challenge_method=S256");
        AssertStands(Description(await game.ExchangeAsync(code)));
    }

    private static async Task CompleteAsync(Broker broker, string app, string scope)
    {
        using var browser = broker.NewBrowser();
        await browser.FollowAsync(await browser.ApproveAsync($"/create-session?app={app}&scopes={scope}"));
    }

    private static async Task<string> StartLocalAsync(params string[] arguments)
    {
        var (exitCode, output) = await Repository.RunAsync("dotnet", [Local.RunningLocal.Assembly, .. arguments]);
        Assert.Equal(1, exitCode);
        return output.Trim();
    }

    private static string Description(Reply reply) => $"{reply.Error}: {reply.Text("error_description")}";

    /// <summary>The first line of the log with these words stands in the page.</summary>
    private static void AssertStands(Broker broker, string words)
    {
        var records = broker.Log.GetSnapshot().Select(record => record.Message);
        AssertStands(records.First(message => message.Contains(words, StringComparison.Ordinal)));
    }

    /// <summary>A message stands in the page, but for trace ids and ports.</summary>
    private static void AssertStands(string message)
    {
        var expected = Regex.Replace(Regex.Replace(message, "[0-9a-f]{32}", "…"), @":\d{4,5}\b", ":…");
        Assert.True(Unwrap(Page).Contains(Unwrap(expected), StringComparison.Ordinal), $"docs/troubleshooting.md lacks:\n{expected}");

        static string Unwrap(string text) => Regex.Replace(text, @"\s+", " ");
    }
}
