using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using TokenBroker.Local;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Local;

/// <summary>A local run for other machines of the network, at an address of this one.</summary>
public sealed class LanTests
{
    [Fact]
    public async Task A_player_on_the_network_signs_in_and_other_names_lead_there()
    {
        if (Address() is not { } address)
        {
            // A machine without a network is told so.
            var (exitCode, output) = await Repository.RunAsync("dotnet", RunningLocal.Assembly, "--lan");
            Assert.Equal(1, exitCode);
            Assert.Contains("is it in a network?", output, StringComparison.Ordinal);
            return;
        }
        var port = Ports.Free();
        using var local = await RunningLocal.StartAsync($"--urls=http://localhost:{port}", $"--lan={address}");
        var url = new Uri($"http://{address}:{port}");
        Assert.Contains($"TokenBroker  {url.AbsoluteUri.TrimEnd('/')}, ", local.Output, StringComparison.Ordinal);
        Assert.Contains($"Console      http://localhost:{port}/dev", local.Output, StringComparison.Ordinal);
        Assert.Contains($"Open {url}create-session", local.Output, StringComparison.Ordinal);

        using var phone = new Browser(url);
        using var game = new Game(url);
        var consent = await phone.OpenAsync("/create-session?app=oidc&scopes=openid");
        // The emulated provider is on the network as well.
        Assert.Equal(address, consent.Url.Host);
        var page = await phone.FollowAsync(await phone.DecideAsync(consent, "approve"));
        Assert.Equal(200, (await game.ExchangeAsync(page.AccessCode!)).Status);
        Assert.Equal(404, (await phone.GetAsync("/dev")).Status);

        using var here = new Browser(new($"http://localhost:{port}"));
        here.Headers.Add("Accept", "text/html");
        Assert.Equal($"{url}device", (await here.GetAsync("/device")).Location);
        var console = await here.GetAsync("/dev");
        Assert.Equal(200, console.Status);

        // Callers of the network are limited, until the console forgets it.
        using var guesser = new Game(url, address: address);
        for (var guess = 0; guess < 10; guess++)
            Assert.Equal(400, (await guesser.ExchangeAsync(Codes.New().Text)).Status);
        Assert.Equal(429, (await guesser.ExchangeAsync(Codes.New().Text)).Status);
        var token = console.Document.QuerySelector("input[name=form_token]")!.GetAttribute("value")!;
        await here.PostAsync(new(console.Url, "/dev/limits"), new() { ["form_token"] = token });
        Assert.Equal(400, (await guesser.ExchangeAsync(Codes.New().Text)).Status);
        await local.StopAsync();
    }

    [ToolFact("zbarimg", "rsvg-convert")]
    public async Task The_picture_in_the_terminal_is_read_by_a_phone()
    {
        const string link = "http://192.168.1.5:7071/create-session?app=lifescope&scopes=basic";
        var lines = TerminalQr.Draw(link).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => Regex.Replace(line.TrimEnd('\r'), @"\e\[[\d;]+m", ""));
        // A character is two modules, one above the other.
        var (svg, y) = (new StringBuilder(), 0);
        foreach (var line in lines)
        {
            for (var x = 0; x < line.Length; x++)
            {
                if (line[x] is '▀' or '█')
                    svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{x}\" y=\"{y}\" width=\"1\" height=\"1\"/>");
                if (line[x] is '▄' or '█')
                    svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{x}\" y=\"{y + 1}\" width=\"1\" height=\"1\"/>");
            }
            y += 2;
        }
        var folder = Directory.CreateTempSubdirectory();
        var (drawing, picture) = (Path.Combine(folder.FullName, "qr.svg"), Path.Combine(folder.FullName, "qr.png"));
        await File.WriteAllTextAsync(drawing, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {y} {y}"><rect width="{y}" height="{y}" fill="#fff"/>{svg}</svg>
            """);
        await Repository.RunAsync("rsvg-convert", "-w", "400", drawing, "-o", picture);
        var (_, read) = await Repository.RunAsync("zbarimg", "--quiet", "--raw", picture);
        folder.Delete(recursive: true);
        Assert.Equal(link, read.Split('\n')[0]);
    }

    private static string? Address()
    {
        try
        {
            return LocalNetwork.Choose("").ToString();
        }
        catch (ConfigurationException exception)
        {
            // Of several any will do.
            return exception.Message.Split("--lan=") is [_, var first] ? first : null;
        }
    }
}
