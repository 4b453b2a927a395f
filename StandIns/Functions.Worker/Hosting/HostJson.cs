using System.Text.Json;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>The one thing of host.json that concerns this host.</summary>
internal static class HostJson
{
    private const string DefaultPrefix = "api";

    /// <summary>Reads <c>extensions.http.routePrefix</c> of the host.json beside the app; <c>api</c> without one, as on the real host. The worker takes no comments in that file.</summary>
    public static string RoutePrefix(string? folder = null)
    {
        var path = Path.Combine(folder ?? AppContext.BaseDirectory, "host.json");
        if (!File.Exists(path))
            return DefaultPrefix;
        using var json = JsonDocument.Parse(File.ReadAllText(path));
        return json.RootElement.TryGetProperty("extensions", out var extensions) &&
            extensions.TryGetProperty("http", out var http) &&
            http.TryGetProperty("routePrefix", out var prefix)
            ? prefix.GetString()!.Trim('/')
            : DefaultPrefix;
    }
}
