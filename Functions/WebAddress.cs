namespace TokenBroker;

/// <summary>URLs that come from configuration: absolute, https unless loopback.</summary>
internal static class WebAddress
{
    /// <summary>Whether http is good enough in private networks. Only Local sets it, for a phone on the same network.</summary>
    public static bool AllowsPrivateHttp { get; set; }

    public static Uri Require(IConfiguration configuration, string key) =>
        Parse(key, configuration[key] is { Length: > 0 } text ? text : throw new ConfigurationException(
            key, "is missing: an absolute URL such as https://broker.example.com."));

    /// <exception cref="ConfigurationException">The text is not a URL that secrets may be sent to.</exception>
    public static Uri Parse(string key, string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            throw new ConfigurationException(key, "must be an absolute URL such as https://broker.example.com.");
        var mayBeHttp = url.IsLoopback ||
            (AllowsPrivateHttp && IPAddress.TryParse(url.Host, out var address) && PrivateNetwork.Contains(address));
        if (url.Scheme == "http" && !mayBeHttp)
            throw new ConfigurationException(
                key, "must be https; only loopback addresses may be http. For a phone on the network start Local with --lan.");
        if (url.UserInfo.Length > 0 || url.Fragment.Length > 0)
            throw new ConfigurationException(key, "must have neither user information nor a fragment.");
        return url;
    }
}
