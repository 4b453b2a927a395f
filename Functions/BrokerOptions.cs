using Microsoft.Extensions.Configuration;

namespace TokenBroker;

/// <summary>The section <c>Broker</c>.</summary>
/// <param name="PublicUrl">The base URL that players and games use; https unless loopback.</param>
public sealed record BrokerOptions(Uri PublicUrl)
{
    /// <summary>The redirect URI to register at each provider.</summary>
    public Uri RedirectUri { get; } = new($"{PublicUrl.AbsoluteUri.TrimEnd('/')}/complete");

    /// <summary>The issuer identifier (RFC 8414 §2): the public URL without a slash at its end, as people write it.</summary>
    public string Issuer { get; } = PublicUrl.AbsoluteUri.TrimEnd('/');

    /// <summary>Whether browsers reach the broker by https.</summary>
    public bool IsHttps => PublicUrl.Scheme == Uri.UriSchemeHttps;

    /// <summary>A path below the public URL, as browsers see it.</summary>
    /// <param name="path">The path, without a leading slash.</param>
    /// <returns>An absolute path, with the public URL's own path in front.</returns>
    public string Path(string path) => $"{PublicUrl.AbsolutePath.TrimEnd('/')}/{path}";

    /// <summary>A path below the public URL, as a whole address.</summary>
    /// <param name="path">The path, without a leading slash.</param>
    /// <returns>An absolute URL.</returns>
    public string Url(string path) => $"{Issuer}/{path}";

    internal static BrokerOptions From(IConfiguration configuration)
    {
        const string key = "Broker:PublicUrl";
        var url = WebAddress.Require(configuration, key);
        if (url.Query.Length > 0)
            throw new ConfigurationException(key, "must not have a query.");
        return new(url);
    }
}
