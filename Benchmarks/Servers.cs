using System.Diagnostics;
using TokenBroker.Tests.RealWorker;

namespace TokenBroker.Benchmarks;

/// <summary>How each server under measurement is started: the arguments of <c>dotnet</c>, or of <c>node</c> where it says so.</summary>
internal static class Servers
{
    private static readonly string Here = typeof(Servers).Assembly.Location;
    private static readonly Lazy<string> Messages = new(WorkerMessages.WriteDescriptors);
    private static readonly Lazy<string> PublishedBroker = new(() => Publish("Functions"));
    private static readonly Lazy<string> PublishedHello = new(() => Publish(Path.Combine("Functions.Tests", "RealWorker", "HelloApp")));

    public static string[] Provider(int port) => [Here, "provider", $"{port}"];

    /// <summary>Says hello on the web server that Local uses.</summary>
    public static string[] Hello(int port) => [Here, "hello", $"{port}"];

    /// <summary>The broker's routes, doing nothing; with the token call where <paramref name="providerPort"/> is given.</summary>
    public static string[] DoNothing(int port, int? providerPort) => [Here, "do-nothing", $"{port}", $"{providerPort}"];

    /// <summary>The six operations of a sign-in for every request.</summary>
    public static string[] BareOperations(int port, string storage) => [Here, "bare-operations", $"{port}", storage];

    /// <summary>Node's arguments: a table service in memory that tells each operation in a line.</summary>
    public static string[] Azurite(int port) =>
    [
        Path.Combine(Server.Root, "node_modules", "azurite", "dist", "src", "table", "main.js"),
        "--inMemoryPersistence", "--tableHost", "127.0.0.1", "--tablePort", $"{port}", "--skipApiVersionCheck", "--disableTelemetry",
    ];

    /// <summary>Local with one app at the instant provider.</summary>
    public static string[] Broker(int port, int providerPort, params string[] more) =>
    [
        typeof(Local.Emulators.EmulatedProvider).Assembly.Location, $"--urls=http://127.0.0.1:{port}",
        .. WorkerSettings(providerPort, "").Where(setting => setting.Value.Length > 0)
            .Select(setting => $"--{setting.Name.Replace("__", ":", StringComparison.Ordinal)}={setting.Value}"), .. more,
    ];

    /// <summary>Node's arguments: the published broker on the real worker; its settings are <see cref="WorkerSettings"/>.</summary>
    public static string[] BrokerOnWorker(int port) => [Host, PublishedBroker.Value, Messages.Value, $"{port}"];

    /// <summary>Node's arguments: an app that says hello on the real worker.</summary>
    public static string[] HelloOnWorker(int port) => [Host, PublishedHello.Value, Messages.Value, $"{port}"];

    /// <summary>Environment variables of a broker with one app at the instant provider.</summary>
    public static (string Name, string Value)[] WorkerSettings(int providerPort, string storage) =>
    [
        ("Apps__bench__Provider", "oauth2"), ("Apps__bench__ClientId", "id"), ("Apps__bench__ClientSecret", "secret"),
            ("Apps__bench__Scopes__0", "read"), ("Apps__bench__RedirectUris__0", "https://game.example.com/callback"),
        ("Apps__bench__AuthorizationEndpoint", $"http://127.0.0.1:{providerPort}/authorize"),
            ("Apps__bench__TokenEndpoint", $"http://127.0.0.1:{providerPort}/token"),
        ("Broker__ProtectionKey", Convert.ToBase64String(new byte[32])), ("SessionStorage", storage),
            ("Logging__LogLevel__Default", "None"),
    ];

    private static string Host => Path.Combine(Server.Root, "Functions.Tests", "RealWorker", "host.mjs");

    private static string Publish(string project)
    {
        var folder = Path.Combine(Server.Root, "artifacts", "benchmarks", Path.GetFileName(project));
        using var publish = Process.Start(
            new ProcessStartInfo("dotnet", ["publish", Path.Combine(Server.Root, project), "--configuration", "Release", "--output",
                folder])
            { RedirectStandardOutput = true })!;
        var output = publish.StandardOutput.ReadToEnd();
        publish.WaitForExit();
        return publish.ExitCode == 0
            ? Path.Combine(folder, project == "Functions" ? "TokenBroker.dll" : "HelloApp.dll")
            : throw new InvalidOperationException(output);
    }
}
