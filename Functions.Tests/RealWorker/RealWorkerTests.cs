using System.Reflection;
using System.Runtime.Loader;
using System.Web;
using TokenBroker.Local.Emulators;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.RealWorker;

/// <summary>The app as it is deployed: published with the real packages, started by what the Functions host sends to a worker, on Azurite.</summary>
public sealed class RealWorkerTests
{
    [RealPackagesFact]
    public async Task The_app_is_published_with_the_real_packages_and_signs_a_player_in_on_the_real_worker()
    {
        var folder = Directory.CreateTempSubdirectory().FullName;
        var app = Path.Combine(folder, "app");
        var (exitCode, output) = await Repository.RunAsync(
            "dotnet", "publish", "Functions", "--configuration", "Release", "-p:StandIns=false", "--artifacts-path", Path.Combine(folder, "artifacts"), "--output", app);
        Assert.True(exitCode == 0, output);
        var descriptors = Path.Combine(folder, "messages.bin");
        await File.WriteAllBytesAsync(descriptors, Descriptors(app));

        var url = new Uri($"http://127.0.0.1:{Ports.Free()}");
        await using var lifeScope = new EmulatedLifeScope { RedirectUri = $"{url}complete" };
        await lifeScope.StartAsync();
        var settings = lifeScope.Settings().Append(new("Broker:PublicUrl", url.AbsoluteUri)).Append(new("SessionStorage", (await Azurite.GetAsync()).ConnectionString))
            .Append(new("Broker:ProtectionKey", Convert.ToBase64String(new byte[32]))).ToDictionary(setting => setting.Key.Replace(":", "__", StringComparison.Ordinal), setting => setting.Value);
        using var host = await NodeServer.StartAsync(settings, Repository.File("Functions.Tests", "RealWorker", "host.mjs"), app, descriptors, $"{url.Port}");

        using var browser = new Browser(url);
        using var game = new Game(url);
        Assert.Equal(200, (await browser.GetAsync("/")).Status);
        Assert.Equal(404, (await browser.GetAsync("/nothing")).Status);
        Assert.Equal("ready", (await game.GetAsync("/health")).Text("status"));
        var back = await browser.ApproveAsync("/create-session?scopes=basic");
        var page = await browser.FollowAsync(back);
        var code = page.AccessCode!;
        // What the worker writes for the host of the page that it has sent.
        Assert.Equal("Success", page.Header("X-Test-Invocation"));
        Assert.DoesNotContain(code, page.Header("X-Test-Returned")!, StringComparison.Ordinal);
        Assert.Equal(code, (await browser.GetAsync("/complete")).AccessCode);
        Assert.NotNull((await game.ExchangeAsync(code)).OAuthToken);
        Assert.Equal((400, "invalid_grant"), ((await game.ExchangeAsync(code)).Status, (await game.ExchangeAsync(code)).Error));
        // Every caller has the address that the platform adds.
        var statuses = new List<int>();
        for (var guess = 0; guess < 11; guess++)
            statuses.Add((await game.ExchangeAsync(Codes.New().Text)).Status);
        Assert.Equal([.. Enumerable.Repeat(400, 10), 429], statuses);
        Assert.Equal("Success", (await browser.GetAsync("/admin/functions/SweepSessions")).Body);
        var logs = (await browser.GetAsync("/admin/logs")).Body;
        Assert.Contains("Tokens handed to a game of app lifescope", logs, StringComparison.Ordinal);
        foreach (var secret in new[] { code, back.Location!.Split('?')[1], HttpUtility.ParseQueryString(back.Location!.Split('?')[1])["state"]! })
            Assert.DoesNotContain(secret, logs, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>The descriptors of the worker's gRPC messages, as a FileDescriptorSet: field 1, repeated (https://protobuf.dev/programming-guides/encoding/).</summary>
    private static byte[] Descriptors(string app)
    {
        var context = new AssemblyLoadContext("worker", isCollectible: true);
        context.Resolving += (_, name) => context.LoadFromAssemblyPath(Path.Combine(app, $"{name.Name}.dll"));
        var files = new List<dynamic>();
        foreach (var type in context.LoadFromAssemblyPath(Path.Combine(app, "Microsoft.Azure.Functions.Worker.Grpc.dll")).GetTypes().Where(type => type.Name.EndsWith("Reflection", StringComparison.Ordinal)))
        {
            if (type.GetProperty("Descriptor", BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)?.GetValue(null) is { } descriptor)
                Add(descriptor);
        }
        using var set = new MemoryStream();
        using var writer = new BinaryWriter(set);
        foreach (var file in files)
        {
            byte[] bytes = file.SerializedData.ToByteArray();
            writer.Write((byte)0x0A);
            writer.Write7BitEncodedInt(bytes.Length);
            writer.Write(bytes);
        }
        return set.ToArray();

        void Add(dynamic file)
        {
            if (files.Any(known => known.Name == file.Name))
                return;
            foreach (var dependency in file.Dependencies)
                Add(dependency);
            files.Add(file);
        }
    }

    /// <summary>Skipped where <c>install-tools.sh</c> could not get the packages, which not every feed has (docs/decisions/0001).</summary>
    [AttributeUsage(AttributeTargets.Method)]
    private sealed class RealPackagesFactAttribute : FactAttribute
    {
        public RealPackagesFactAttribute()
        {
            if (!Directory.Exists(Path.Combine(Repository.Packages, "microsoft.azure.webjobs.core")))
                Skip = "The real packages are not here; the README says how to get them.";
        }
    }
}
