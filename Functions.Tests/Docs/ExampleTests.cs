using System.Diagnostics;
using System.Text.RegularExpressions;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Docs;

/// <summary>The examples of the README do what they say. GDScript has no runtime here: that one is only looked at.</summary>
public sealed class ExampleTests
{
    [ToolFact("curl")]
    public async Task The_shell_script_signs_a_player_in()
    {
        await using var broker = await Broker.StartAsync();
        var output = await SignInAsync(
            broker, "bash", Repository.File("samples", "curl.sh"), broker.Url.AbsoluteUri.TrimEnd('/'), "aura");
        Assert.Contains("\"access_token\":\"", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_JavaScript_signs_a_player_in()
    {
        await using var broker = await Broker.StartAsync();
        var script = $$"""
            import { signIn } from '{{new Uri(Repository.File("samples", "browser.js")).AbsoluteUri}}';
            const tokens = await signIn('{{broker.Url.AbsoluteUri.TrimEnd('/')}}', 'aura',
                (device) => console.log('Open ' + device.verification_uri_complete));
            console.log(JSON.stringify(tokens));
            """;
        var output = await SignInAsync(broker, "node", "--input-type=module", "--eval", script);
        Assert.Contains("\"access_token\":\"", output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_GDScript_speaks_the_same_protocol()
    {
        var script = File.ReadAllText(Repository.File("samples", "godot.gd"));
        foreach (var word in new[] { "/device_authorization", "client_id", "verification_uri_complete", "interval",
            "urn:ietf:params:oauth:grant-type:device_code", "device_code", "slow_down", "authorization_pending", "access_token" })
            Assert.Contains(word, script, StringComparison.Ordinal);
    }

    /// <summary>The C# of both READMEs, compiled as a program against the library.</summary>
    [Fact]
    public async Task The_CSharp_of_the_READMEs_compiles()
    {
        var folder = Directory.CreateTempSubdirectory();
        var library = Repository.File("Client", "bin", Repository.Configuration, "netstandard2.0", "TokenBroker.Client.dll");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "Example.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework></PropertyGroup>
              <PropertyGroup><Nullable>enable</Nullable><ImplicitUsings>enable</ImplicitUsings></PropertyGroup>
              <ItemGroup><Reference Include="{library}" /><Using Include="TokenBroker.Client" /></ItemGroup>
              <ItemGroup><Reference Include="{Path.Combine(AppContext.BaseDirectory, "Newtonsoft.Json.dll")}" /></ItemGroup>
            </Project>
            """);
        var blocks = new[] { "README.md", Path.Combine("Client", "README.md") }.SelectMany(file =>
            Regex.Matches(File.ReadAllText(Repository.File(file)), "```csharp\n(.*?)```", RegexOptions.Singleline)
                .Select(block => block.Groups[1].Value)).ToList();
        Assert.Equal(2, blocks.Count);
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "Program.cs"),
            string.Join('\n', blocks.Select(block => $"{{\n{block}\n}}")));
        var (exitCode, output) = await Repository.RunAsync("dotnet", "build", folder.FullName, "--nologo");
        folder.Delete(recursive: true);
        Assert.True(exitCode == 0, output);
    }

    /// <summary>Runs a game that says "Open {address}", and signs the player in there.</summary>
    private static async Task<string> SignInAsync(Broker broker, string command, params string[] arguments)
    {
        using var game = Process.Start(
            new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = game.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var line = await game.StandardOutput.ReadLineAsync(patience.Token) ?? throw new InvalidOperationException(await errors);
        using var browser = broker.NewBrowser();
        await browser.SignDeviceInAsync(line.Replace("Open ", "", StringComparison.Ordinal));
        return await game.StandardOutput.ReadToEndAsync(patience.Token) + await errors;
    }
}
