namespace TokenBroker.Benchmarks;

/// <summary>How each server under measurement is started: the arguments of <c>dotnet</c>.</summary>
internal static class Servers
{
    private static readonly string Here = typeof(Servers).Assembly.Location;

    public static string[] Provider(int port) => [Here, "provider", $"{port}"];

    /// <summary>The broker's routes, doing nothing; with the token call where <paramref name="providerPort"/> is given.</summary>
    public static string[] DoNothing(int port, int? providerPort) => [Here, "do-nothing", $"{port}", $"{providerPort}"];

    /// <summary>The six operations of a sign-in for every request.</summary>
    public static string[] BareOperations(int port, string storage) => [Here, "bare-operations", $"{port}", storage];

    public static string[] HelloWorld(int port) =>
        [Here.Replace($"Benchmarks{Path.DirectorySeparatorChar}bin", Path.Combine("Benchmarks", "HelloWorld", "bin"), StringComparison.Ordinal).Replace("TokenBroker.Benchmarks.dll", "HelloWorld.dll", StringComparison.Ordinal), $"--urls=http://127.0.0.1:{port}", "--Logging:LogLevel:Default=None"];

    /// <summary>Node's arguments: a table service in memory that tells each operation in a line.</summary>
    public static string[] Azurite(int port) =>
    [
        Path.Combine(Server.Root, "node_modules", "azurite", "dist", "src", "table", "main.js"),
        "--inMemoryPersistence", "--tableHost", "127.0.0.1", "--tablePort", $"{port}", "--skipApiVersionCheck", "--disableTelemetry",
    ];

    /// <summary>Local with one app at the instant provider.</summary>
    public static string[] Broker(int port, int providerPort, params string[] more) =>
    [
        typeof(Local.Emulators.EmulatedProvider).Assembly.Location, $"--urls=http://127.0.0.1:{port}", "--Apps:bench:Provider=oauth2", "--Apps:bench:ClientId=id", "--Apps:bench:ClientSecret=secret",
        "--Apps:bench:Scopes:0=read", $"--Apps:bench:AuthorizationEndpoint=http://127.0.0.1:{providerPort}/authorize", $"--Apps:bench:TokenEndpoint=http://127.0.0.1:{providerPort}/token",
        "--Logging:LogLevel:Default=None", .. more,
    ];
}
