using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace TokenBroker.Benchmarks;

/// <summary>From the start of the process to its first answer: the broker's to create-session, and a hello-world function app's on the same host.</summary>
internal static class Startup
{
    private const int Rounds = 21;

    /// <summary>One change at a time, by the environment variables of the runtime.</summary>
    private static readonly (string Name, bool Compiled, string Variable)[] Cases =
    [
        ("as built", false, ""),
        ("compiled ahead of time (ReadyToRun)", true, ""),
        ("ReadyToRun, without ICU", true, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1"),
        ("ReadyToRun, methods counted at once", true, "DOTNET_TC_CallCountingDelayMs=0"),
        ("ReadyToRun, methods counted after 100 ms (.NET's default)", true, "DOTNET_TC_CallCountingDelayMs=64"),
        ("ReadyToRun, without profile-guided optimisation", true, "DOTNET_TieredPGO=0"),
        ("ReadyToRun, without tiered compilation", true, "DOTNET_TieredCompilation=0"),
    ];

    public static int Print()
    {
        var folder = Directory.CreateTempSubdirectory("tokenbroker-start").FullName;
        Publish("Local", folder);
        Publish(Path.Combine("Benchmarks", "HelloWorld"), folder);
        Console.WriteLine($"{Rounds} starts each, in turn; ms, median (least)");
        Console.WriteLine("| | hello world | broker | ratio |");
        Console.WriteLine("| --- | ---: | ---: | ---: |");
        foreach (var (name, compiled, variable) in Cases)
        {
            List<double> hello = [], broker = [];
            for (var round = 0; round < Rounds; round++)
            {
                hello.Add(Once(port => Moved(Servers.HelloWorld(port)), "/hello", variable));
                broker.Add(Once(port => Moved(Servers.Broker(port, providerPort: 1)), "/create-session?scopes=read", variable));
            }
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {name} | {Median(hello):0} ({hello.Min():0}) | {Median(broker):0} ({broker.Min():0}) | {Median(broker) / Median(hello):0.00} ({broker.Min() / hello.Min():0.00}) |"));

            string[] Moved(string[] arguments) => compiled ? [Path.Combine(folder, Path.GetFileName(arguments[0])), .. arguments[1..]] : arguments;
        }
        Directory.Delete(folder, recursive: true);
        return 0;
    }

    private static void Publish(string project, string folder)
    {
        // Not deployed, and so without lock file: the compiler is a package of its own.
        using var publish = Process.Start(new ProcessStartInfo("dotnet",
        [
            "publish", Path.Combine(Server.Root, project), "--configuration", "Release", "--runtime", "linux-x64", "--self-contained", "false", "--output", folder,
            "-p:PublishReadyToRun=true", "-p:IsPublishable=true", "-p:NuGetLockFilePath=" + Path.Combine(folder, "packages.lock.json"), "-v", "quiet",
            "--artifacts-path", Path.Combine(folder, "artifacts"),
        ])
        { RedirectStandardOutput = true })!;
        var output = publish.StandardOutput.ReadToEnd();
        publish.WaitForExit();
        if (publish.ExitCode != 0)
            throw new InvalidOperationException(output);
    }

    private static double Once(Func<int, string[]> arguments, string url, string variable)
    {
        var port = Server.FreePort();
        var start = new ProcessStartInfo("dotnet", arguments(port)) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (variable.Split('=') is [var name, var value])
            start.Environment[name] = value;
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        try
        {
            while (!TryGet(port, url))
            {
                if (process.HasExited)
                    throw new InvalidOperationException(process.StandardError.ReadToEnd());
                Thread.Sleep(1);
            }
            return clock.Elapsed.TotalMilliseconds;
        }
        finally
        {
            process.Kill();
            process.WaitForExit();
        }
    }

    private static bool TryGet(int port, string url)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(IPAddress.Loopback, port);
        }
        catch (SocketException)
        {
            return false;
        }
        socket.Send(Encoding.ASCII.GetBytes($"GET {url} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"));
        var answer = new byte[4096];
        return socket.Receive(answer) > 12 && answer[9] is (byte)'2' or (byte)'3' ? true : throw new InvalidOperationException($"{url} failed at the start.");
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
