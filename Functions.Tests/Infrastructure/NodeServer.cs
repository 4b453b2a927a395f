using System.Diagnostics;

namespace TokenBroker.Tests.Infrastructure;

/// <summary>A server on Node that says "ready" when it is.</summary>
internal sealed class NodeServer : IDisposable
{
    private readonly Process _process;

    private NodeServer(Process process) => _process = process;

    public static async Task<NodeServer> StartAsync(params string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo("node", arguments)
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line == "ready")
                return new(process);
        }
        throw new InvalidOperationException(await errors);
    }

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }
}
