using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Reflection;

namespace TokenBroker.Benchmarks;

/// <summary>A process under measurement.</summary>
internal sealed class Server : IDisposable
{
    private const int TicksPerSecond = 100; // USER_HZ of Linux

    private readonly Process _process;
    private int _lines;

    private Server(Process process, int port) => (_process, Port) = (process, port);

    public static string Root { get; } = typeof(Server).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "RepositoryRoot").Value!;

    public int Port { get; }

    /// <summary>How many lines it has written.</summary>
    public int Lines => Volatile.Read(ref _lines);

    /// <summary>Processor time used so far, in milliseconds, as Linux counts it.</summary>
    public double CpuMilliseconds
    {
        get
        {
            var fields = File.ReadAllText($"/proc/{ProcessId}/stat").Split(") ")[1].Split(' ');
            return (double.Parse(fields[11], CultureInfo.InvariantCulture) +
                double.Parse(fields[12], CultureInfo.InvariantCulture)) * 1000 / TicksPerSecond;
        }
    }

    /// <summary>The most memory it has had at once, in MiB.</summary>
    public double PeakMebibytes => double.Parse(
        File.ReadLines($"/proc/{ProcessId}/status").Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) / 1024;

    /// <summary>The process that is measured: the worker, where this is its host.</summary>
    private string ProcessId
    {
        get
        {
            var children = File.ReadAllText($"/proc/{_process.Id}/task/{_process.Id}/children").Trim();
            return children.Length > 0 ? children : $"{_process.Id}";
        }
    }

    public static Task<Server> DotnetAsync(Func<int, IEnumerable<string>> arguments, params (string Name, string Value)[] environment) =>
        StartAsync("dotnet", arguments, environment);

    /// <summary>Starts a process on a free port and waits until it listens.</summary>
    public static async Task<Server> StartAsync(
        string command, Func<int, IEnumerable<string>> arguments, params (string Name, string Value)[] environment)
    {
        var port = FreePort();
        var start = Command(command, arguments(port), environment);
        if (!start.Environment.ContainsKey("Broker__PublicUrl"))
            start.Environment["Broker__PublicUrl"] = $"http://127.0.0.1:{port}";
        var process = Process.Start(start)!;
        var server = new Server(process, port);
        process.OutputDataReceived += (_, _) => Interlocked.Increment(ref server._lines);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        while (true)
        {
            try
            {
                using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, port);
                return server;
            }
            catch (SocketException) when (!process.HasExited)
            {
                await Task.Delay(50);
            }
        }
    }

    /// <summary>A command whose output is read, and whose input ends with this process.</summary>
    public static ProcessStartInfo Command(
        string command, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(
            command, arguments)
        { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return start;
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }

    public static int FreePort()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)listener.LocalEndPoint!).Port;
    }
}
