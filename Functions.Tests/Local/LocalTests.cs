using System.Diagnostics;
using System.Text;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Local;

/// <summary>Local as a process of its own, as a newcomer starts it.</summary>
public sealed class LocalTests
{
    /// <summary>A few more than there are.</summary>
    private const int MostAssemblies = 110;

    [Fact]
    public async Task It_says_what_it_chose_serves_the_whole_flow_and_stops_cleanly_when_told_to()
    {
        var url = $"http://localhost:{Ports.Free()}";
        using var local = await RunningLocal.StartAsync($"--urls={url}");
        Assert.InRange(local.Output.Trim().Split('\n').Length, 5, 8);
        Assert.Contains($"TokenBroker  {url}, with 9 emulated providers", local.Output, StringComparison.Ordinal);
        Assert.Contains($"Console      {url}/dev", local.Output, StringComparison.Ordinal);
        Assert.Contains("dotnet user-secrets --project Local set Apps:mygame:Provider discord", local.Output, StringComparison.Ordinal);
        Assert.Contains("made for this run only", local.Output, StringComparison.Ordinal);
        Assert.Contains($"Open {url}/create-session?app=lifescope&scopes=basic", local.Output, StringComparison.Ordinal);
        Assert.Contains($"dotnet run --project samples/ConsoleGame {url}", local.Output, StringComparison.Ordinal);

        using var browser = new Browser(new(url));
        using var game = new Game(new(url));
        Assert.Equal(200, (await game.ExchangeAsync(await browser.SignInAsync())).Status);
        Assert.Equal(0, await local.StopAsync());
    }

    [Fact]
    public async Task Nothing_is_loaded_before_the_first_answer_that_it_does_not_need()
    {
        var url = $"http://localhost:{Ports.Free()}";
        using var local = await RunningLocal.StartAsync(
            $"--urls={url}", "--no-emulators", "--Apps:studio:Provider=oauth2", "--Apps:studio:ClientId=id",
                "--Apps:studio:ClientSecret=secret",
                "--Apps:studio:Scopes:0=read",
            "--Apps:studio:AuthorizationEndpoint=http://127.0.0.1:1/authorize", "--Apps:studio:TokenEndpoint=http://127.0.0.1:1/token");
        using var browser = new Browser(new(url));
        Assert.Equal(302, (await browser.GetAsync("/create-session?scopes=read")).Status);

        var loaded = local.LoadedAssemblies;
        foreach (var later in new[] { "Azure.Identity", "Azure.Security.KeyVault.Secrets", "Microsoft.Identity.Client", "QRCoder",
            "System.Drawing.Common" })
            Assert.DoesNotContain(later, loaded);
        Assert.InRange(loaded.Count, 50, MostAssemblies);
    }

    [ToolFact("curl")]
    public async Task The_script_of_the_README_ends_with_a_token()
    {
        var url = $"http://localhost:{Ports.Free()}";
        using var local = await RunningLocal.StartAsync($"--urls={url}");
        var (exitCode, output) = await Repository.RunAsync("bash", "Local/walk.sh", url);
        Assert.True(exitCode == 0, output);
        Assert.Contains("{\"oauth_token\":\"", output, StringComparison.Ordinal);
        await local.StopAsync();
    }

    [Fact]
    public async Task The_game_in_the_terminal_shows_a_QR_code_and_then_who_is_signed_in()
    {
        var url = $"http://localhost:{Ports.Free()}";
        using var local = await RunningLocal.StartAsync($"--urls={url}");
        using var game = Process.Start(
            new ProcessStartInfo("dotnet", [Repository.File(
                "samples", "ConsoleGame", "bin", Repository.Configuration, "net10.0", "ConsoleGame.dll"), url])
            {
                RedirectStandardOutput = true,
            })!;
        var shown = new StringBuilder();
        while (!shown.ToString().Contains("and check that", StringComparison.Ordinal))
            shown.AppendLine(await game.StandardOutput.ReadLineAsync());
        Assert.Contains("▀", shown.ToString(), StringComparison.Ordinal);
        var link = shown.ToString().Split("or open ")[1].Split('\n')[0].Trim();
        Assert.StartsWith($"{url}/device?user_code=", link, StringComparison.Ordinal);

        using var browser = new Browser(new(url));
        await browser.SignDeviceInAsync(link, "grace");

        Assert.Contains("\"first_name\": \"grace\"", await game.StandardOutput.ReadToEndAsync(), StringComparison.Ordinal);
        await game.WaitForExitAsync();
        Assert.Equal(0, game.ExitCode);
        await local.StopAsync();
    }

    [Fact]
    public async Task The_game_in_the_terminal_also_asks_for_an_access_code()
    {
        var url = $"http://localhost:{Ports.Free()}";
        using var local = await RunningLocal.StartAsync($"--urls={url}");
        using var game = Process.Start(
            new ProcessStartInfo("dotnet", [Repository.File(
                "samples", "ConsoleGame", "bin", Repository.Configuration, "net10.0", "ConsoleGame.dll"), url, "lifescope", "basic",
                    "code"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!;
        var link = (await game.StandardOutput.ReadLineAsync())!.Replace("Open ", "", StringComparison.Ordinal);
        using var browser = new Browser(new(url));
        var code = await browser.SignInAsync(link, "grace");
        await game.StandardInput.WriteLineAsync("wrong");
        await game.StandardInput.WriteLineAsync(code);
        var shown = await game.StandardOutput.ReadToEndAsync();
        await game.WaitForExitAsync();
        Assert.Equal(0, game.ExitCode);
        Assert.Contains("That is not the code", shown, StringComparison.Ordinal);
        Assert.Contains("\"connection_id_string\": \"grace\"", shown, StringComparison.Ordinal);
        await local.StopAsync();
    }

    [Fact]
    public async Task A_configured_game_stands_beside_the_emulated_ones_and_takes_the_place_of_one_of_its_name()
    {
        var url = $"http://localhost:{Ports.Free()}";
        using var local = await RunningLocal.StartAsync(
            $"--urls={url}", "--Apps:lifescope:ClientId=real-id", "--Apps:lifescope:ClientSecret=real-secret");
        Assert.Contains("Your apps    lifescope from command line", local.Output, StringComparison.Ordinal);
        using var browser = new Browser(new(url));
        var answer = await browser.GetAsync("/create-session?scopes=basic");
        Assert.StartsWith("https://app.lifescope.io/auth?response_type=code&client_id=real-id&", answer.Location,
            StringComparison.Ordinal);
        Assert.StartsWith("http://127.0.0.1:", (await browser.GetAsync("/create-session?app=aura")).Location, StringComparison.Ordinal);
        await local.StopAsync();
    }

    [Fact]
    public async Task Azurite_is_used_when_it_is_configured()
    {
        var url = $"http://localhost:{Ports.Free()}";
        using var local = await RunningLocal.StartAsync(
            $"--urls={url}", $"--SessionStorage={(await Azurite.GetAsync()).ConnectionString}");
        Assert.Contains("sessions in the configured storage", local.Output, StringComparison.Ordinal);
        using var browser = new Browser(new(url));
        using var game = new Game(new(url));
        Assert.Equal(200, (await game.GetAsync("/health")).Status);
        Assert.Equal(200, (await game.ExchangeAsync(await browser.SignInAsync())).Status);
        await local.StopAsync();
    }

    [Theory]
    [InlineData("TokenBroker cannot start: Apps__lifescope__ClientId is missing: the id that LifeScope gave the game " +
        "(https://lifescope-labs.gitbook.io/lifescope/).", "--Apps:lifescope:ClientSecret=x")]
    [InlineData("TokenBroker cannot start: Broker__PublicUrl must be https; only loopback addresses may be http. " +
        "For a phone on the network start Local with --lan.",
        "--Broker:PublicUrl=http://example.com")]
    public async Task Failing_configuration_is_one_clear_line(string line, string argument)
    {
        var (exitCode, output) = await Repository.RunAsync("dotnet", RunningLocal.Assembly, "--urls=http://127.0.0.1:0", argument);
        Assert.Equal((1, line), (exitCode, output.Trim()));
    }

    [Fact]
    public async Task An_address_in_use_is_one_clear_line()
    {
        using var holder = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        holder.Start();
        var (exitCode, output) = await Repository.RunAsync("dotnet", RunningLocal.Assembly, $"--urls=http://{holder.LocalEndpoint}");
        Assert.Equal(1, exitCode);
        Assert.Contains("TokenBroker cannot start: Failed to bind to address", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }
}
