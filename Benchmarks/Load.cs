using System.Diagnostics;
using System.Globalization;

namespace TokenBroker.Benchmarks;

/// <summary>
/// Complete sign-ins against the broker and against its floors. All that are compared take turns, a short while each, so that what else
/// happens on the machine happens to all of them: the ratios count, not the figures.
/// </summary>
internal static class Load
{
    private static readonly int[] Concurrencies = [1, 8, 32];

    /// <summary>How often the measured time is first spent unmeasured, until the runtime has compiled what is used most.</summary>
    private const int WarmUp = 5;

    /// <summary>The turns that the measured time is divided into.</summary>
    private const int Turns = 4;

    /// <summary>
    /// How long each turn is driven before it counts: whoever has waited for theirs has cold caches and sleeping threads.
    /// </summary>
    private static readonly TimeSpan Lead = TimeSpan.FromSeconds(0.5);

    // Azurite's own, known to everybody:
    // https://learn.microsoft.com/azure/storage/common/storage-use-azurite#well-known-storage-account-and-key
    private const string AzuriteKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private static readonly string[] Columns =
        ["C", "sign-ins/s", "of floor", .. Player.Steps.Select(step => $"{step} ms"), "p99/p50", "of a step", "CPU ms", "provider",
            "Azurite", "operations", "peak MiB"];

    /// <summary>
    /// Prints the table: each server at each concurrency for <paramref name="time"/>, after <see cref="WarmUp"/> times as long to warm
    /// up.
    /// </summary>
    public static async Task<int> RunAsync(TimeSpan time)
    {
        Console.WriteLine(
            $"{Environment.ProcessorCount} processors; {time.TotalSeconds} s each in {Turns} turns " +
            $"after {WarmUp} times as long to warm up; " +
            $"latencies p50/p95/p99; processor time in ms a sign-in; commit {Commit()}");
        Console.WriteLine();
        Row("", Columns);
        Row("---", [.. Columns.Select(_ => "---:")]);
        foreach (var concurrency in Concurrencies)
        {
            using var provider = await Server.DotnetAsync(Servers.Provider);
            using var nothing = await Server.DotnetAsync(port => Servers.DoNothing(port, null));
            using var tokenCall = await Server.DotnetAsync(port => Servers.DoNothing(port, provider.Port));
            using var broker = await Server.DotnetAsync(port => Servers.Broker(port, provider.Port));
            await MeasureAsync(
                concurrency,
                time,
                new("do nothing", turn => DriveAsync(nothing.Port, concurrency, turn), nothing, provider),
                new("do nothing, token call", turn => DriveAsync(tokenCall.Port, concurrency, turn), tokenCall, provider),
                new("broker, memory", turn => DriveAsync(broker.Port, concurrency, turn), broker, provider));
        }
        foreach (var concurrency in Concurrencies)
        {
            using var provider = await Server.DotnetAsync(Servers.Provider);
            using var azurite = await Server.StartAsync("node", Servers.Azurite);
            using var hello = await Server.StartAsync("node", Servers.HelloOnWorker);
            using var broker = await Server.StartAsync(
                "node", Servers.BrokerOnWorker, Servers.WorkerSettings(provider.Port, Connection(azurite.Port)));
            await MeasureAsync(
                concurrency,
                time,
                new("four hellos, real worker", turn => DriveAsync(hello.Port, concurrency, turn, FourHellos), hello, provider),
                new("broker, real worker, Azurite", turn => DriveAsync(broker.Port, concurrency, turn), broker, provider, azurite));
        }
        foreach (var concurrency in Concurrencies)
        {
            using var provider = await Server.DotnetAsync(Servers.Provider);
            using var azurite = await Server.StartAsync("node", Servers.Azurite);
            using var bare = await Server.DotnetAsync(port => Servers.BareOperations(port, Connection(azurite.Port)));
            using var broker = await Server.DotnetAsync(
                port => Servers.Broker(port, provider.Port, $"--SessionStorage={Connection(azurite.Port)}"));
            await MeasureAsync(
                concurrency,
                time,
                new("seven bare operations", turn =>
                    DriveAsync(bare.Port, concurrency, turn, player => player.Get("/")), bare, provider, azurite),
                new("broker, Azurite", turn => DriveAsync(broker.Port, concurrency, turn), broker, provider, azurite));
        }
        return 0;
    }

    /// <summary>Prints the table of sign-ins by redirect beside those by access code, in memory and on Azurite.</summary>
    public static async Task<int> RedirectAsync(TimeSpan time)
    {
        Row("", Columns);
        Row("---", [.. Columns.Select(_ => "---:")]);
        foreach (var concurrency in Concurrencies)
        {
            using var provider = await Server.DotnetAsync(Servers.Provider);
            using var azurite = await Server.StartAsync("node", Servers.Azurite);
            using var memory = await Server.DotnetAsync(port => Servers.Broker(port, provider.Port));
            using var tables = await Server.DotnetAsync(
                port => Servers.Broker(port, provider.Port, $"--SessionStorage={Connection(azurite.Port)}"));
            foreach (var (where, broker) in new[] { ("memory", memory), ("Azurite", tables) })
            {
                var storage = broker == tables ? azurite : null;
                await MeasureAsync(
                    concurrency,
                    time,
                    new($"access code, {where}", turn => DriveAsync(broker.Port, concurrency, turn), broker, provider, storage),
                    new($"redirect, {where}", turn =>
                        DriveAsync(broker.Port, concurrency, turn, player => player.SignInByRedirect()), broker, provider, storage));
            }
        }
        return 0;
    }

    /// <summary>Prints the table of sign-ins with and without <c>openid</c>, where the provider's user endpoint is asked.</summary>
    public static async Task<int> IdentityAsync(TimeSpan time)
    {
        Row("", Columns);
        Row("---", [.. Columns.Select(_ => "---:")]);
        foreach (var concurrency in Concurrencies)
        {
            using var provider = await Server.DotnetAsync(Servers.Provider);
            using var azurite = await Server.StartAsync("node", Servers.Azurite);
            using var broker = await Server.DotnetAsync(port => Servers.Broker(
                port, provider.Port, $"--SessionStorage={Connection(azurite.Port)}",
                $"--Apps:bench:UserInfoEndpoint=http://127.0.0.1:{provider.Port}/userinfo"));
            await MeasureAsync(
                concurrency,
                time,
                new("without openid, Azurite", turn => DriveAsync(broker.Port, concurrency, turn), broker, provider, azurite),
                new("with openid, Azurite", turn => DriveAsync(broker.Port, concurrency, turn, player => player.SignIn(openId: true)),
                    broker,
                    provider, azurite));
        }
        return 0;
    }

    /// <summary>Measures some that take turns; the last is what it is about, and the one before it is its floor.</summary>
    private static async Task MeasureAsync(int concurrency, TimeSpan time, params Contender[] contenders)
    {
        foreach (var contender in contenders)
            await contender.Drive(WarmUp * time);
        for (var turn = 0; turn < Turns; turn++)
        {
            foreach (var contender in turn % 2 == 0 ? contenders : contenders.Reverse())
                await contender.TakeTurnAsync(time / Turns);
        }
        foreach (var contender in contenders)
        {
            var latencies = contender.Latencies.Where(step => step.Count > 0).Select(step => step.Order().ToList()).ToList();
            Row(contender.Name, [
                $"{concurrency}",
                Number(contender.Rate, "0"),
                contender == contenders[^1] ? Number(100 * contender.Rate / contenders[^2].Rate, "0") + " %" : "",
                .. Player.Steps.Select((_, step) =>
                    step < latencies.Count ? $"{At(latencies[step], 0.5)}/{At(latencies[step], 0.95)}/{At(latencies[step], 0.99)}" : ""),
                latencies.Count > 0 ? Number(Spread(latencies[^1]), "0.0") : "",
                latencies.Count > 0 ? Number(latencies[..^1].Max(Spread), "0.0") : "",
                Number(contender.Cpu, "0.00"),
                Number(contender.ProviderCpu, "0.00"),
                contender.Storage is null ? "" : Number(contender.StorageCpu, "0.0"),
                contender.Storage is null ? "" : Number(contender.Operations, "0.00"),
                Number(contender.Server.PeakMebibytes, "0"),
            ]);
        }
    }

    /// <summary>One of those that take turns, and what its turns have come to.</summary>
    private sealed class Contender(
        string name, Func<TimeSpan, Task<(List<double>[] Latencies, int Count, TimeSpan Elapsed)>> drive, Server server, Server provider,
            Server? storage = null)
    {
        private TimeSpan _elapsed;
        private double _count, _cpu, _provider, _storage, _lines;

        public string Name => name;

        public Func<TimeSpan, Task<(List<double>[] Latencies, int Count, TimeSpan Elapsed)>> Drive => drive;

        public Server Server => server;

        public Server? Storage => storage;

        public List<double>[] Latencies { get; } = [.. Player.Steps.Select(_ => new List<double>())];

        public double Rate => _count / _elapsed.TotalSeconds;

        public double Cpu => _cpu / _count;

        public double ProviderCpu => _provider / _count;

        public double StorageCpu => _storage / _count;

        public double Operations => _lines / _count;

        public async Task TakeTurnAsync(TimeSpan time)
        {
            await drive(Lead);
            var before = Read();
            var (latencies, count, elapsed) = await drive(time);
            // What it began, and what Azurite has written of it, is still on the way.
            await Task.Delay(100);
            var after = Read();
            _count += count;
            _elapsed += elapsed;
            (_cpu, _provider, _storage, _lines) =
                (_cpu + after.Cpu - before.Cpu, _provider + after.Provider - before.Provider, _storage + after.Storage - before.Storage,
                    _lines + after.Lines - before.Lines);
            foreach (var (all, turn) in Latencies.Zip(latencies))
                all.AddRange(turn);
        }

        private (double Cpu, double Provider, double Storage, int Lines) Read() =>
            (server.CpuMilliseconds, provider.CpuMilliseconds, storage?.CpuMilliseconds ?? 0, storage?.Lines ?? 0);
    }

    /// <summary>As many requests as a sign-in has.</summary>
    private static void FourHellos(Player player)
    {
        for (var request = 0; request < 4; request++)
            player.Get("/hello");
    }

    /// <summary>
    /// Prints how much memory the broker has needed after so many sign-ins, beside a function app that has said hello 40,000 times.
    /// </summary>
    public static async Task<int> MemoryAsync()
    {
        using var provider = await Server.DotnetAsync(Servers.Provider);
        using var azurite = await Server.StartAsync("node", Servers.Azurite);
        using var hello = await Server.StartAsync("node", Servers.HelloOnWorker);
        await ManyAsync(hello.Port, 0, 40_000, player => player.Get("/hello"));
        Console.WriteLine($"hello on the real worker after 40,000 requests: {Number(hello.PeakMebibytes, "0")} MiB at most");
        using var worker = await Server.StartAsync(
            "node", Servers.BrokerOnWorker, Servers.WorkerSettings(provider.Port, Connection(azurite.Port)));
        await PrintAsync("broker on the real worker, Azurite", worker);
        foreach (var (name, more) in new[] { ("memory", Array.Empty<string>()),
            ("Azurite", [$"--SessionStorage={Connection(azurite.Port)}"]) })
        {
            using var broker = await Server.DotnetAsync(port => Servers.Broker(port, provider.Port, more));
            await PrintAsync($"broker, {name}", broker);
        }
        return 0;

        async Task PrintAsync(string name, Server broker)
        {
            var from = 0;
            foreach (var upTo in new[] { 10_000, 20_000, 50_000, 100_000 })
            {
                await ManyAsync(broker.Port, from, upTo, player => player.SignIn());
                from = upTo;
                Console.WriteLine(
                    $"{name}, after {upTo} sign-ins: {Number(broker.PeakMebibytes, "0")} MiB at most, " +
                    $"{Number(broker.PeakMebibytes / hello.PeakMebibytes, "0.00")} of hello");
            }
        }
    }

    private static Task ManyAsync(int port, int from, int upTo, Action<Player> act) =>
        Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
        () =>
        {
            using var player = new Player(port);
            while (Interlocked.Increment(ref from) <= upTo)
                act(player);
        },
        TaskCreationOptions.LongRunning)));

    public static string Connection(int port) =>
        $"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={AzuriteKey};" +
        $"TableEndpoint=http://127.0.0.1:{port}/devstoreaccount1;";

    /// <summary>Sign-ins one after another by each of so many players; each step's latencies.</summary>
    private static Task<(List<double>[] Latencies, int Count, TimeSpan Elapsed)> DriveAsync(int port, int concurrency, TimeSpan time) =>
        DriveAsync(port, concurrency, time, player => player.SignIn());

    private static async Task<(List<double>[] Latencies, int Count, TimeSpan Elapsed)> DriveAsync(
        int port, int concurrency, TimeSpan time, Action<Player> act)
    {
        var players = Enumerable.Range(0, concurrency).Select(_ => new Player(port)).ToList();
        var count = 0;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(players.Select(player => Task.Factory.StartNew(
            () =>
            {
                while (clock.Elapsed < time)
                {
                    act(player);
                    Interlocked.Increment(ref count);
                }
            },
            TaskCreationOptions.LongRunning)));
        var elapsed = clock.Elapsed;
        players.ForEach(player => player.Dispose());
        return ([.. Player.Steps.Select((_, step) => players.SelectMany(player => player.Latencies[step]).ToList())], count, elapsed);
    }

    private static void Row(string name, IReadOnlyList<string> cells) => Console.WriteLine($"| {name} | {string.Join(" | ", cells)} |");

    /// <summary>How many times the median the slowest of a hundred takes.</summary>
    private static double Spread(List<double> ordered) => ordered[(int)(0.99 * ordered.Count)] / ordered[ordered.Count / 2];

    private static string At(List<double> ordered, double share) => Number(ordered[(int)(share * (ordered.Count - 1))], "0.0");

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static string Commit()
    {
        using var git = Process.Start(new ProcessStartInfo(
            "git", ["-C", Server.Root, "describe", "--always", "--dirty"])
        { RedirectStandardOutput = true })!;
        return git.StandardOutput.ReadToEnd().Trim();
    }
}
