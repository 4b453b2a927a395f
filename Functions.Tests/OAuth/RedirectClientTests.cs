using System.Diagnostics;
using TokenBroker.Tests.Infrastructure;
using TokenBroker.Tests.RealWorker;

namespace TokenBroker.Tests.OAuth;

/// <summary>Standard clients that nobody here wrote, and the samples, sign a player in by redirect, from metadata alone.</summary>
public sealed class RedirectClientTests
{
    [Theory]
    [InlineData("lifescope", "basic")]
    [InlineData("aura", "")]
    [InlineData("webroot", "ECom.Shop")]
    [InlineData("tachi", "")]
    [InlineData("wishtack", "read")]
    public async Task Openid_client_and_oauth4webapi_sign_in_refresh_and_revoke(string app, string scope)
    {
        await using var broker = await Broker.StartAsync(await Broker.NewTableStoreAsync());
        using var browser = broker.NewBrowser();
        await SignInByBothAsync(broker.Url, browser, app, scope);
    }

    [Fact]
    public async Task They_do_so_on_the_real_worker()
    {
        await using var broker = await WorkerHost.StartAsync();
        using var browser = broker.NewBrowser();
        await SignInByBothAsync(broker.Url, browser, "lifescope", "basic");
        await SignInByBothAsync(broker.Url, browser, "aura", "");
    }

    [ToolFact("curl", "openssl", "python3")]
    public async Task The_shell_script_signs_a_player_in()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        var output = await RunAsync(broker.Url, browser, "wishtack", "read",
            "env", $"PORT={Ports.Free()}", "bash", Repository.File("samples", "redirect.sh"));
        Assert.Contains("\"wishtack_user_data\":", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_console_game_signs_a_player_in()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        var game = Repository.File("samples", "ConsoleGame", "bin", Repository.Configuration, "net10.0", "ConsoleGame.dll");
        var output = await RunAsync(broker.Url, browser, "lifescope", "basic", ["dotnet", game], "redirect");
        Assert.Contains("\"access_token\":", output, StringComparison.Ordinal);
    }

    private static async Task SignInByBothAsync(Uri broker, Browser browser, string app, string scope)
    {
        var output = await RunAsync(broker, browser, app, scope, "node", Repository.File("samples", "redirect.mjs"));
        Assert.Contains("\"access_token\":\"", output, StringComparison.Ordinal);
        Assert.Equal(app != "tachi", output.Contains("Refreshed, and signed out again.", StringComparison.Ordinal));
        output = await RunAsync(broker, browser, app, scope, "node", Repository.File("Functions.Tests", "OAuth", "oauth4webapi.mjs"));
        Assert.Contains("\"access_token\":\"", output, StringComparison.Ordinal);
    }

    private static Task<string> RunAsync(Uri broker, Browser browser, string app, string scope, params string[] command) =>
        RunAsync(broker, browser, app, scope, command, more: null);

    /// <summary>Runs a game that says "Open {address}", and signs the player in there; the redirect at the end reaches the game.</summary>
    private static async Task<string> RunAsync(
        Uri broker, Browser browser, string app, string scope, string[] command, string? more)
    {
        string[] arguments = [.. command[1..], broker.AbsoluteUri.TrimEnd('/'), app, scope, .. more is null ? [] : new[] { more }];
        using var game = Process.Start(
            new ProcessStartInfo(command[0], arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = game.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var line = await game.StandardOutput.ReadLineAsync(patience.Token) ?? throw new InvalidOperationException(await errors);
        var back = await browser.DecideAsync(await browser.OpenAsync(line.Replace("Open ", "", StringComparison.Ordinal)), "approve");
        var toGame = await browser.OpenToGameAsync(back.Location!);
        Assert.StartsWith("http://127.0.0.1:", toGame.Location, StringComparison.Ordinal);
        await browser.GetPatientlyAsync(toGame.Location!);
        return await game.StandardOutput.ReadToEndAsync(patience.Token) + await errors;
    }
}
