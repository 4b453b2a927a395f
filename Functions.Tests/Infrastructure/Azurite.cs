using System.Diagnostics;
using System.Globalization;
using Azure.Core;
using Azure.Data.Tables;

namespace TokenBroker.Tests.Infrastructure;

/// <summary>The pinned Azurite's table service, in memory on a free port: one process for all tests, gone with them.</summary>
internal sealed class Azurite
{
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
    private static readonly Lazy<Task<Azurite>> Shared = new(StartAsync);

    private Azurite(int port) => ConnectionString =
        $"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={Key};" +
        $"TableEndpoint=http://127.0.0.1:{port}/devstoreaccount1;";

    public string ConnectionString { get; }

    public static Task<Azurite> GetAsync() => Shared.Value;

    /// <summary>A table of the test's own.</summary>
    public static async Task<TableClient> NewTableAsync(TableClientOptions? options = null)
    {
        var table = (await GetAsync()).Table($"t{Guid.NewGuid():N}", options);
        await table.CreateIfNotExistsAsync();
        return table;
    }

    public TableClient Table(string name, TableClientOptions? options = null)
    {
        options ??= new();
        // Azurite drops idle connections after five seconds, at times just as one is taken from the pool.
        options.Retry.Delay = TimeSpan.FromMilliseconds(20);
        options.Retry.Mode = RetryMode.Fixed;
        return new(ConnectionString, name, options);
    }

    private static async Task<Azurite> StartAsync()
    {
        var port = Ports.Free();
        var start = new ProcessStartInfo("node",
        [
            Repository.File("node_modules", "azurite", "dist", "src", "table", "main.js"),
            "--inMemoryPersistence", "--tableHost", "127.0.0.1", "--tablePort", port.ToString(CultureInfo.InvariantCulture),
            "--skipApiVersionCheck", "--disableTelemetry",
        ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var process = Process.Start(start)!;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => process.Kill();

        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Contains("successfully started", StringComparison.Ordinal))
            {
                _ = process.StandardOutput.ReadToEndAsync();
                _ = process.StandardError.ReadToEndAsync();
                return new(port);
            }
        }
        throw new InvalidOperationException("Azurite did not start: " + await process.StandardError.ReadToEndAsync());
    }
}
