using System.Text.RegularExpressions;

namespace TokenBroker.Apps;

/// <summary>
/// Where a game may have its players sent back to (RFC 6749 §3.1.2): on https, by a private-use scheme, or to a port of the player's own
/// machine. They are compared character by character (RFC 9700 §2.1), but for the port of a loopback address (RFC 8252 §7.3).
/// </summary>
/// <param name="all">The redirect URIs, as they are configured.</param>
public sealed partial class RedirectUris(IReadOnlyList<string> all)
{
    /// <summary>How long one may be, in characters.</summary>
    public const int MaxLength = 1024;

    /// <summary>All of them.</summary>
    public IReadOnlyList<string> All => all;

    /// <summary>Whether players may be sent there.</summary>
    /// <param name="uri">A request's <c>redirect_uri</c>.</param>
    /// <returns>Whether it is one of those that are configured.</returns>
    public bool Allow(string uri) => all.Contains(uri, StringComparer.Ordinal) ||
        (WithoutPort(uri) is { } asked && all.Any(configured => WithoutPort(configured) == asked));

    /// <summary>
    /// Why one that is not allowed is not, as the rest of a sentence for the game's developer. Nothing of it is repeated.
    /// </summary>
    internal string ProblemWith(string uri)
    {
        if (all.Count == 0)
            return "is of no use: the game has no RedirectUris.";
        return Problem(uri) ??
            "must be one of the game's RedirectUris, to the letter: compare scheme, host, path and the slash at its end.";
    }

    /// <summary>
    /// Whether any program of the player's machine may be behind it, so that nobody may be signed in without being asked (RFC 8252 §8.6).
    /// </summary>
    internal static bool IsAppOfThisMachine(string uri) => !uri.StartsWith("https:", StringComparison.Ordinal);

    /// <summary>Whether it has a private-use scheme (RFC 8252 §7.1), which browsers open reliably only after a click.</summary>
    internal static bool IsPrivateUse(string uri) => IsAppOfThisMachine(uri) && !uri.StartsWith("http:", StringComparison.Ordinal);

    /// <exception cref="ConfigurationException">An entry may not be a redirect URI.</exception>
    internal static RedirectUris Read(IConfigurationSection section)
    {
        var uris = section.GetChildren().ToList();
        foreach (var entry in uris)
        {
            if (Problem(entry.Value ?? "") is { } problem)
                throw new ConfigurationException(entry.Path, problem);
        }
        return new([.. uris.Select(entry => entry.Value!)]);
    }

    private static string? Problem(string uri)
    {
        if (uri.Length > MaxLength)
            return $"has more than {MaxLength} characters.";
        if (!Characters().IsMatch(uri) || !Uri.TryCreate(uri, UriKind.Absolute, out var parsed))
            return "must be an absolute URI (RFC 3986).";
        if (uri.Contains('#', StringComparison.Ordinal))
            return "must not have a fragment (RFC 6749 §3.1.2).";
        if (parsed.UserInfo.Length > 0)
            return "must not have a user name.";
        return parsed.Scheme switch
        {
            "https" => uri.StartsWith("https://", StringComparison.Ordinal) ? null : "must begin with https://, in small letters.",
            "http" => WithoutPort(uri) is null
                ? "must be https, or http at 127.0.0.1 or [::1]; never localhost (RFC 8252 §8.3)."
                : null,
            var scheme when scheme.Contains('.', StringComparison.Ordinal) && uri.StartsWith($"{scheme}:",
                StringComparison.Ordinal) => null,
            _ => "must be https, a loopback address, or a scheme in small letters with a dot in it (RFC 8252 §7.1).",
        };
    }

    /// <summary>A loopback redirect URI without its port; null when it is none.</summary>
    private static string? WithoutPort(string uri) => Loopback().Match(uri) is { Success: true } match
        && ushort.TryParse(match.Groups["port"].ValueSpan is { Length: > 0 } port ? port : "80", out _)
        ? match.Groups["host"].Value + match.Groups["rest"].Value
        : null;

    [GeneratedRegex(@"\A(?<host>http://(127\.0\.0\.1|\[::1\]))(:(?<port>[0-9]{1,5}))?(?<rest>([/?][!-~]*)?)\z")]
    private static partial Regex Loopback();

    /// <summary>The characters that URIs are made of (RFC 3986 §2).</summary>
    [GeneratedRegex(@"\A[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+\z")]
    private static partial Regex Characters();
}
