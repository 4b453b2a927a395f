namespace TokenBroker;

/// <summary>The section <c>Broker</c>.</summary>
/// <param name="PublicUrl">The base URL that players and games use; https unless loopback.</param>
public sealed record BrokerOptions(Uri PublicUrl)
{
    private static readonly string[] Keys =
        ["PublicUrl", "DefaultApp", "AllowedOrigins", "FrontDoorId", "ProtectionKey", "IdTokenSigningKey"];

    /// <summary>The origins of the pages whose scripts may call what games call.</summary>
    public IReadOnlySet<string> AllowedOrigins { get; init; } = new HashSet<string>();

    /// <summary>The Azure Front Door profile, as a GUID, that all requests must come through; null where none stands in front.</summary>
    public string? FrontDoorId { get; init; }

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
        var problems = new ConfigurationProblems();
        problems.CheckKeys(configuration.GetSection("Broker"), Keys);
        var url = problems.Try(() => ReadPublicUrl(configuration));
        var allowedOrigins = configuration.GetSection("Broker:AllowedOrigins").GetChildren()
            .Select(section => problems.Try(() => Origin(section))).ToHashSet(StringComparer.Ordinal);
        var frontDoorId = problems.Try(() => ReadFrontDoorId(configuration));
        problems.ThrowIfAny();
        return new(url) { AllowedOrigins = allowedOrigins, FrontDoorId = frontDoorId };
    }

    private static Uri ReadPublicUrl(IConfiguration configuration)
    {
        const string key = "Broker:PublicUrl";
        var url = WebAddress.Require(configuration, key);
        return url.Query.Length == 0 ? url : throw new ConfigurationException(key, "must not have a query.");
    }

    private static string? ReadFrontDoorId(IConfiguration configuration)
    {
        const string key = "Broker:FrontDoorId";
        if (configuration[key] is not { Length: > 0 } id)
            return null;
        return Guid.TryParseExact(id, "D", out _)
            ? id
            : throw new ConfigurationException(key, "must be the GUID that Front Door sends as X-Azure-FDID.");
    }

    /// <summary>An origin as browsers write it (RFC 6454 §6.2): they compare character by character.</summary>
    private static string Origin(IConfigurationSection section)
    {
        var url = WebAddress.Parse(section.Path, section.Value ?? "");
        var origin = url.GetLeftPart(UriPartial.Authority);
        return origin == section.Value
            ? origin
            : throw new ConfigurationException(section.Path, $"must be an origin alone, written as browsers write it: {origin}.");
    }
}
