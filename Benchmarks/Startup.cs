using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace TokenBroker.Benchmarks;

/// <summary>
/// From the start of the process to its first answer: the broker's to create-session, beside that of an app that says hello.
/// </summary>
internal static class Startup
{
    private const int Rounds = 21;

    public static int Print()
    {
        Console.WriteLine($"{Rounds} starts each, in turn; ms, median (least)");
        Console.WriteLine("| | hello | broker | ratio |");
        Console.WriteLine("| --- | ---: | ---: | ---: |");
        Row("in-process", "dotnet", Servers.Hello, port => Servers.Broker(port, providerPort: 1), []);
        Row("real worker", "node", Servers.HelloOnWorker, Servers.BrokerOnWorker,
            Servers.WorkerSettings(providerPort: 1, Load.Connection(1)));
        return 0;
    }

    private static void Row(string name, string command, Func<int, string[]> helloArguments, Func<int, string[]> brokerArguments,
        (string Name, string Value)[] environment)
    {
        List<double> hello = [], broker = [];
        for (var round = 0; round < Rounds; round++)
        {
            hello.Add(Once(command, helloArguments, environment, "/hello"));
            broker.Add(Once(command, brokerArguments, environment, "/openapi.json"));
        }
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {Median(hello):0} ({hello.Min():0}) | {Median(broker):0} ({broker.Min():0}) " +
            $"| {Median(broker) / Median(hello):0.00} ({broker.Min() / hello.Min():0.00}) |"));
    }

    private static double Once(string command, Func<int, string[]> arguments, (string Name, string Value)[] environment, string url)
    {
        var port = Server.FreePort();
        var start = Server.Command(command, arguments(port), environment);
        start.Environment["Broker__PublicUrl"] = $"http://127.0.0.1:{port}";
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
            process.Kill(entireProcessTree: true);
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
        return socket.Receive(answer) > 12 && answer[9] is (byte)'2' or (byte)'3'
            ? true
            : throw new InvalidOperationException($"{url} failed at the start.");
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
