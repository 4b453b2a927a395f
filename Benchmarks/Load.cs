using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Azure.Data.Tables;

namespace TokenBroker.Benchmarks;

/// <summary>Complete sign-ins against the broker and against its floors, one after another in one run: the ratios count, not the figures.</summary>
internal static class Load
{
    private static readonly int[] Concurrencies = [1, 8, 32];
    private static readonly string[] Steps = ["create", "callback", "page", "collect"];

    public static async Task<int> RunAsync(TimeSpan time)
    {
        using var provider = await Server.DotnetAsync(port => [typeof(Load).Assembly.Location, "stub", $"{port}"]);
        using var azurite = await Server.StartAsync("node", port =>
        [
            Path.Combine(Server.Root, "node_modules", "azurite", "dist", "src", "table", "main.js"),
            "--inMemoryPersistence", "--tableHost", "127.0.0.1", "--tablePort", $"{port}", "--skipApiVersionCheck", "--disableTelemetry",
        ]);
        var storage = $"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={AzuriteKey};TableEndpoint=http://127.0.0.1:{azurite.Port}/devstoreaccount1;";

        Console.WriteLine($"{Environment.ProcessorCount} processors, {time.TotalSeconds} s each, after {time.TotalSeconds / 4} s to warm up; latencies in ms (p50/p95/p99)");
        Console.WriteLine($"{"",-22} {"C",3} {"sign-ins/s",11} {string.Join(' ', Steps.Select(step => $"{step,19}"))} {"CPU ms",8} {"peak MiB",9}");
        await MeasureAsync("do nothing", time, () => Floor("none"));
        await MeasureAsync("do nothing, token call", time, () => Floor($"{provider.Port}"));
        await MeasureAsync("broker, memory", time, () => Broker([]));
        foreach (var concurrency in Concurrencies)
            await MeasureStorageAsync(storage, concurrency, time);
        await MeasureAsync("broker, Azurite", time, () => Broker([$"--SessionStorage={storage}"]));
        return 0;

        Task<Server> Floor(string tokens) => Server.DotnetAsync(port => [typeof(Load).Assembly.Location, "floor", $"{port}", tokens]);

        Task<Server> Broker(string[] more) => Server.DotnetAsync(port =>
        [
            typeof(TokenBroker.Local.Emulators.EmulatedProvider).Assembly.Location, $"--urls=http://127.0.0.1:{port}", "--Apps:bench:Provider=oauth2", "--Apps:bench:ClientId=id", "--Apps:bench:ClientSecret=secret",
            "--Apps:bench:Scopes:0=read", $"--Apps:bench:AuthorizationEndpoint=http://127.0.0.1:{provider.Port}/authorize", $"--Apps:bench:TokenEndpoint=http://127.0.0.1:{provider.Port}/token",
            "--Logging:LogLevel:Default=None", .. more,
        ]);
    }

    // Azurite's own, known to everybody: https://learn.microsoft.com/azure/storage/common/storage-use-azurite#well-known-storage-account-and-key
    private const string AzuriteKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private static async Task MeasureAsync(string name, TimeSpan time, Func<Task<Server>> start)
    {
        foreach (var concurrency in Concurrencies)
        {
            using var server = await start();
            using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new($"http://127.0.0.1:{server.Port}") };
            await DriveAsync(http, concurrency, time / 4);
            var cpu = server.CpuMilliseconds;
            var (latencies, elapsed) = await DriveAsync(http, concurrency, time);
            cpu = server.CpuMilliseconds - cpu;
            var count = latencies[0].Count;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{name,-22} {concurrency,3} {count / elapsed.TotalSeconds,11:0} {string.Join(' ', latencies.Select(step => $"{Percentiles(step),19}"))} {cpu / count,8:0.00} {server.PeakMebibytes,9:0}"));
        }
    }

    private static async Task<(ConcurrentBag<double>[] Latencies, TimeSpan Elapsed)> DriveAsync(HttpClient http, int concurrency, TimeSpan time)
    {
        ConcurrentBag<double>[] latencies = [.. Steps.Select(_ => new ConcurrentBag<double>())];
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, concurrency).Select(_ => Task.Run(async () =>
        {
            while (clock.Elapsed < time)
                await SignInAsync(http, latencies);
        })));
        return (latencies, clock.Elapsed);
    }

    /// <summary>Start, callback with the code exchange, the page with the access code, collection.</summary>
    private static async Task SignInAsync(HttpClient http, ConcurrentBag<double>[] latencies)
    {
        using var started = await StepAsync(0, "/create-session?scopes=read", null, 302);
        var cookie = Cookie(started);
        var state = Regex.Match(started.Headers.Location!.Query, "state=([^&]+)").Groups[1].Value;
        using var back = await StepAsync(1, $"/complete?code=x&state={state}", cookie, 303);
        using var page = await StepAsync(2, "/complete", back.Headers.Contains("Set-Cookie") ? Cookie(back) : cookie, 200);
        var code = Regex.Match(await page.Content.ReadAsStringAsync(), "id=\"access-code\">([^<]+)<").Groups[1].Value;
        using var tokens = await StepAsync(3, $"/exchange-code?access_code={code}", null, 200);

        async Task<HttpResponseMessage> StepAsync(int step, string url, string? cookies, int status)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(url, UriKind.Relative));
            if (cookies is not null)
                request.Headers.Add("Cookie", cookies);
            var began = Stopwatch.GetTimestamp();
            var response = await http.SendAsync(request);
            latencies[step].Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            return (int)response.StatusCode == status ? response : throw new InvalidOperationException($"{url.Split('?')[0]} answered {(int)response.StatusCode}.");
        }
    }

    private static string Cookie(HttpResponseMessage response) =>
        response.Headers.GetValues("Set-Cookie").First(value => value.StartsWith("unity_session_id=", StringComparison.Ordinal)).Split(';')[0];

    /// <summary>The six operations of a sign-in and nothing else: what the table service itself allows.</summary>
    private static async Task MeasureStorageAsync(string storage, int concurrency, TimeSpan time)
    {
        var options = new TableClientOptions();
        var (sessions, grants) = (new TableClient(storage, $"s{Guid.NewGuid():N}", options), new TableClient(storage, $"g{Guid.NewGuid():N}", options));
        await sessions.CreateIfNotExistsAsync();
        await grants.CreateIfNotExistsAsync();
        var count = 0;
        await DriveAsync(time / 4);
        count = 0;
        var clock = Stopwatch.StartNew();
        await DriveAsync(time);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"six bare operations",-22} {concurrency,3} {count / clock.Elapsed.TotalSeconds,11:0}"));

        async Task DriveAsync(TimeSpan limit)
        {
            var running = Stopwatch.StartNew();
            await Task.WhenAll(Enumerable.Range(0, concurrency).Select(_ => Task.Run(async () =>
            {
                while (running.Elapsed < limit)
                {
                    await OnceAsync();
                    Interlocked.Increment(ref count);
                }
            })));
        }

        async Task OnceAsync()
        {
            var key = Convert.ToHexStringLower(Guid.NewGuid().ToByteArray()) + Convert.ToHexStringLower(Guid.NewGuid().ToByteArray());
            var entity = new Row { PartitionKey = key[..2], RowKey = key, Content = new byte[200] };
            await sessions.AddEntityAsync(entity);
            var read = (await sessions.GetEntityIfExistsAsync<Row>(entity.PartitionKey, key)).Value!;
            await sessions.UpdateEntityAsync(read, read.ETag, TableUpdateMode.Replace);
            await grants.AddEntityAsync(new Row { PartitionKey = key[..2], RowKey = key, Content = new byte[600] });
            var grant = (await grants.GetEntityIfExistsAsync<Row>(entity.PartitionKey, key)).Value!;
            await grants.DeleteEntityAsync(grant.PartitionKey, key, grant.ETag);
        }
    }

    private static string Percentiles(ConcurrentBag<double> values)
    {
        var ordered = values.Order().ToArray();
        string At(double share) => ordered[(int)(share * (ordered.Length - 1))].ToString("0.0", CultureInfo.InvariantCulture);
        return $"{At(0.5)}/{At(0.95)}/{At(0.99)}";
    }

    private sealed class Row : ITableEntity
    {
        public string PartitionKey { get; set; } = "";

        public string RowKey { get; set; } = "";

        public DateTimeOffset? Timestamp { get; set; }

        public Azure.ETag ETag { get; set; }

        public byte[] Content { get; set; } = [];
    }
}
