using System.Diagnostics;
using System.Globalization;
using Azure.Data.Tables;

namespace TokenBroker.Benchmarks;

/// <summary>Complete sign-ins against the broker and against its floors, one after another in one run: the ratios count, not the figures.</summary>
internal static class Load
{
    private static readonly int[] Concurrencies = [1, 8, 32];

    /// <summary>How often the measured time is first spent unmeasured, until the runtime has compiled what is used most.</summary>
    private const int WarmUp = 3;

    // Azurite's own, known to everybody: https://learn.microsoft.com/azure/storage/common/storage-use-azurite#well-known-storage-account-and-key
    private const string AzuriteKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private static readonly string[] Columns =
        ["C", "sign-ins/s", "of floor", .. Player.Steps.Select(step => $"{step} ms"), "p99/p50", "CPU ms", "provider", "Azurite", "operations", "peak MiB"];

    /// <summary>Prints the table: each server at each concurrency for <paramref name="time"/>, after <see cref="WarmUp"/> times as long to warm up.</summary>
    public static async Task<int> RunAsync(TimeSpan time)
    {
        Console.WriteLine($"{Environment.ProcessorCount} processors; {time.TotalSeconds} s each after {WarmUp} times as long to warm up; latencies p50/p95/p99; processor time in ms a sign-in; commit {Commit()}");
        Console.WriteLine();
        Row("", Columns);
        Row("---", [.. Columns.Select(_ => "---:")]);
        using var provider = await Server.DotnetAsync(Servers.Provider);

        await MeasureAsync("do nothing", port => Servers.DoNothing(port, null));
        var floors = await MeasureAsync("do nothing, token call", port => Servers.DoNothing(port, provider.Port));
        await MeasureAsync("broker, memory", port => Servers.Broker(port, provider.Port), floors);

        using var azurite = await Server.StartAsync("node", Servers.Azurite);
        var storage = Connection(azurite.Port);
        var bare = new Dictionary<int, double>();
        foreach (var concurrency in Concurrencies)
            bare[concurrency] = await MeasureStorageAsync(storage, azurite, concurrency, time);
        await MeasureAsync("broker, Azurite", port => Servers.Broker(port, provider.Port, $"--SessionStorage={storage}"), bare, azurite);
        return 0;

        async Task<Dictionary<int, double>> MeasureAsync(string name, Func<int, string[]> arguments, Dictionary<int, double>? floor = null, Server? storage = null)
        {
            var rates = new Dictionary<int, double>();
            foreach (var concurrency in Concurrencies)
            {
                using var server = await Server.DotnetAsync(arguments);
                await DriveAsync(server.Port, concurrency, WarmUp * time);
                var before = (Cpu: server.CpuMilliseconds, Provider: provider.CpuMilliseconds, Storage: storage?.CpuMilliseconds, storage?.Lines);
                var (latencies, elapsed) = await DriveAsync(server.Port, concurrency, time);
                double count = latencies[0].Count;
                rates[concurrency] = count / elapsed.TotalSeconds;
                Row(name, [
                    $"{concurrency}",
                    Number(rates[concurrency], "0"),
                    floor is null ? "" : Number(100 * rates[concurrency] / floor[concurrency], "0") + " %",
                    .. latencies.Select(step => $"{At(step, 0.5)}/{At(step, 0.95)}/{At(step, 0.99)}"),
                    Number(latencies.Max(step => step[(int)(0.99 * step.Count)] / step[step.Count / 2]), "0.0"),
                    Number((server.CpuMilliseconds - before.Cpu) / count, "0.00"),
                    Number((provider.CpuMilliseconds - before.Provider) / count, "0.00"),
                    storage is null ? "" : Number((storage.CpuMilliseconds - before.Storage!.Value) / count, "0.0"),
                    storage is null ? "" : Number((storage.Lines - before.Lines!.Value) / count, "0.00"),
                    Number(server.PeakMebibytes, "0"),
                ]);
            }
            return rates;
        }
    }

    /// <summary>Prints how much memory the broker has needed after so many sign-ins, beside a hello-world function app after as many requests.</summary>
    public static async Task<int> MemoryAsync()
    {
        using var provider = await Server.DotnetAsync(Servers.Provider);
        using var azurite = await Server.StartAsync("node", Servers.Azurite);
        using var hello = await Server.DotnetAsync(Servers.HelloWorld);
        await ManyAsync(hello.Port, 0, 40_000, player => player.Get("/hello"));
        Console.WriteLine($"hello world after 40,000 requests: {Number(hello.PeakMebibytes, "0")} MiB at most");
        foreach (var (name, more) in new[] { ("memory", Array.Empty<string>()), ("Azurite", [$"--SessionStorage={Connection(azurite.Port)}"]) })
        {
            using var broker = await Server.DotnetAsync(port => Servers.Broker(port, provider.Port, more));
            var from = 0;
            foreach (var upTo in new[] { 10_000, 20_000, 50_000, 100_000 })
            {
                await ManyAsync(broker.Port, from, upTo, player => player.SignIn());
                from = upTo;
                Console.WriteLine($"broker, {name}, after {upTo} sign-ins: {Number(broker.PeakMebibytes, "0")} MiB at most, {Number(broker.PeakMebibytes / hello.PeakMebibytes, "0.00")} of hello world");
            }
        }
        return 0;
    }

    private static Task ManyAsync(int port, int from, int upTo, Action<Player> act) => Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
        () =>
        {
            using var player = new Player(port);
            while (Interlocked.Increment(ref from) <= upTo)
                act(player);
        },
        TaskCreationOptions.LongRunning)));

    public static string Connection(int port) =>
        $"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={AzuriteKey};TableEndpoint=http://127.0.0.1:{port}/devstoreaccount1;";

    /// <summary>Sign-ins one after another by each of so many players; each step's latencies in order.</summary>
    private static async Task<(List<double>[] Latencies, TimeSpan Elapsed)> DriveAsync(int port, int concurrency, TimeSpan time)
    {
        var players = Enumerable.Range(0, concurrency).Select(_ => new Player(port)).ToList();
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(players.Select(player => Task.Factory.StartNew(
            () =>
            {
                while (clock.Elapsed < time)
                    player.SignIn();
            },
            TaskCreationOptions.LongRunning)));
        var elapsed = clock.Elapsed;
        players.ForEach(player => player.Dispose());
        return ([.. Player.Steps.Select((_, step) => players.SelectMany(player => player.Latencies[step]).Order().ToList())], elapsed);
    }

    /// <summary>The six operations of a sign-in and nothing else: what the table service itself allows.</summary>
    private static async Task<double> MeasureStorageAsync(string storage, Server azurite, int concurrency, TimeSpan time)
    {
        var (sessions, grants) = (new TableClient(storage, $"s{Guid.NewGuid():N}"), new TableClient(storage, $"g{Guid.NewGuid():N}"));
        await sessions.CreateIfNotExistsAsync();
        await grants.CreateIfNotExistsAsync();
        await DriveStorageAsync(WarmUp * time);
        var before = (Cpu: azurite.CpuMilliseconds, azurite.Lines);
        var clock = Stopwatch.StartNew();
        double count = await DriveStorageAsync(time);
        var rate = count / clock.Elapsed.TotalSeconds;
        Row("six bare operations", [
            $"{concurrency}",
            Number(rate, "0"),
            .. Enumerable.Repeat("", 3 + Player.Steps.Length),
            "",
            Number((azurite.CpuMilliseconds - before.Cpu) / count, "0.0"),
            Number((azurite.Lines - before.Lines) / count, "0.00"),
            "",
        ]);
        return rate;

        async Task<int> DriveStorageAsync(TimeSpan limit)
        {
            var running = Stopwatch.StartNew();
            var done = 0;
            await Task.WhenAll(Enumerable.Range(0, concurrency).Select(_ => Task.Run(async () =>
            {
                while (running.Elapsed < limit)
                {
                    await OnceAsync();
                    Interlocked.Increment(ref done);
                }
            })));
            return done;
        }

        async Task OnceAsync()
        {
            var key = Convert.ToHexStringLower(Guid.NewGuid().ToByteArray()) + Convert.ToHexStringLower(Guid.NewGuid().ToByteArray());
            var entity = new BareRow { PartitionKey = key[..2], RowKey = key, Content = new byte[200] };
            await sessions.AddEntityAsync(entity);
            var read = (await sessions.GetEntityIfExistsAsync<BareRow>(entity.PartitionKey, key)).Value!;
            await sessions.UpdateEntityAsync(read, read.ETag, TableUpdateMode.Replace);
            await grants.AddEntityAsync(new BareRow { PartitionKey = key[..2], RowKey = key, Content = new byte[600] });
            var grant = (await grants.GetEntityIfExistsAsync<BareRow>(entity.PartitionKey, key)).Value!;
            await grants.DeleteEntityAsync(grant.PartitionKey, key, grant.ETag);
        }
    }

    private static void Row(string name, IReadOnlyList<string> cells) => Console.WriteLine($"| {name} | {string.Join(" | ", cells)} |");

    private static string At(List<double> ordered, double share) => Number(ordered[(int)(share * (ordered.Count - 1))], "0.0");

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static string Commit()
    {
        using var git = Process.Start(new ProcessStartInfo("git", ["-C", Server.Root, "describe", "--always", "--dirty"]) { RedirectStandardOutput = true })!;
        return git.StandardOutput.ReadToEnd().Trim();
    }

    private sealed class BareRow : ITableEntity
    {
        public string PartitionKey { get; set; } = "";

        public string RowKey { get; set; } = "";

        public DateTimeOffset? Timestamp { get; set; }

        public Azure.ETag ETag { get; set; }

        public byte[] Content { get; set; } = [];
    }
}
