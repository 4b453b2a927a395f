using System.Diagnostics;
using System.Text.Json;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.OAuth;

/// <summary>Standard clients that nobody here wrote sign a device in at every provider of the seeds.</summary>
public sealed class DeviceClientTests
{
    [Theory]
    [InlineData("lifescope", "basic")]
    [InlineData("aura", "")]
    [InlineData("webroot", "ECom.Shop")]
    [InlineData("tachi", "")]
    [InlineData("wishtack", "read")]
    public async Task Openid_client_signs_in_refreshes_and_revokes(string app, string scope)
    {
        await using var broker = await Broker.StartAsync(await Broker.NewTableStoreAsync());
        var result = await RunAsync(broker, "node", Repository.File("Functions.Tests", "OAuth", "device.mjs"),
            broker.Url.AbsoluteUri.TrimEnd('/'), app, scope);
        Assert.NotEmpty(result.GetProperty("tokens").GetProperty("access_token").GetString()!);
        if (app == "tachi")
            return;
        Assert.NotEmpty(result.GetProperty("refreshed").GetProperty("access_token").GetString()!);
        Assert.Equal("invalid_grant", result.GetProperty("refused").GetString());
    }

    [ToolTheory("msal")]
    [InlineData("lifescope", "basic")]
    [InlineData("aura", "")]
    [InlineData("webroot", "ECom.Shop")]
    [InlineData("tachi", "")]
    [InlineData("wishtack", "read")]
    public async Task Msal_signs_in_and_refreshes(string app, string scope)
    {
        await using var broker = await Broker.StartAsync(await Broker.NewTableStoreAsync());
        var result = await RunAsync(broker, Tools.PythonWithMsal!, Repository.File("Functions.Tests", "OAuth", "device.py"),
            broker.Url.AbsoluteUri.TrimEnd('/'), app, scope);
        Assert.NotEmpty(result.GetProperty("tokens").GetProperty("access_token").GetString()!);
        if (app != "tachi")
            Assert.NotEmpty(result.GetProperty("refreshed").GetProperty("access_token").GetString()!);
    }

    /// <summary>Runs the game, and signs the player in while it polls.</summary>
    private static async Task<JsonElement> RunAsync(Broker broker, string command, params string[] arguments)
    {
        using var game = Process.Start(
            new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = game.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var line = await game.StandardOutput.ReadLineAsync(patience.Token) ?? throw new InvalidOperationException(await errors);
        var device = JsonDocument.Parse(line).RootElement;
        using var browser = broker.NewBrowser();
        await browser.SignDeviceInAsync(device.GetProperty("verification_uri_complete").GetString()!);
        var last = await game.StandardOutput.ReadLineAsync(patience.Token) ?? throw new InvalidOperationException(await errors);
        return JsonDocument.Parse(last).RootElement;
    }
}
