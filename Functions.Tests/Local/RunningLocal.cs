using System.Diagnostics;
using System.Text;

namespace TokenBroker.Tests.Local;

/// <summary>Local as a process of its own.</summary>
internal sealed class RunningLocal : IDisposable
{
    public static readonly string Assembly = typeof(TokenBroker.Local.Emulators.EmulatedProvider).Assembly.Location;
    private readonly Process _process;

    private RunningLocal(Process process, string output) => (_process, Output) = (process, output);

    public string Output { get; }

    /// <summary>The names of the assemblies that the process has mapped, as Linux tells.</summary>
    public IReadOnlyCollection<string> LoadedAssemblies => [.. File.ReadLines($"/proc/{_process.Id}/maps")
        .Where(line => line.EndsWith(".dll", StringComparison.Ordinal))
            .Select(line => Path.GetFileNameWithoutExtension(line[line.IndexOf('/', StringComparison.Ordinal)..])).Distinct()];

    public static async Task<RunningLocal> StartAsync(params string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo("dotnet", [Assembly, .. arguments]) { RedirectStandardOutput = true })!;
        var output = new StringBuilder();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            output.AppendLine(line);
            if (line.StartsWith("Press Ctrl-C", StringComparison.Ordinal))
                break;
        }
        _ = process.StandardOutput.ReadToEndAsync();
        return new(process, output.ToString());
    }

    /// <summary>
    /// Asks it to stop, as a service manager does. (An interrupt would be ignored where these tests run in a shell's background.)
    /// </summary>
    public async Task<int> StopAsync()
    {
        using var kill = Process.Start("sh", ["-c", $"kill -TERM {_process.Id}"]);
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}
