using System.Diagnostics;

namespace TokenBroker.Tests.Infrastructure;

/// <summary>A server on Node that says "ready" when it is.</summary>
internal sealed class NodeServer : IDisposable
{
    private readonly Process _process;

    private NodeServer(Process process) => _process = process;

    public static Task<NodeServer> StartAsync(params string[] arguments) => StartAsync(new Dictionary<string, string?>(), arguments);

    public static async Task<NodeServer> StartAsync(IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("node", arguments)
        {
            WorkingDirectory = Repository.Root,
            // A server may end with its input, when the tests are killed.
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line == "ready")
            {
                _ = process.StandardOutput.ReadToEndAsync();
                return new(process);
            }
        }
        throw new InvalidOperationException(await errors);
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}
