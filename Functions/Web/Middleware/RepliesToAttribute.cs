namespace TokenBroker.Web.Middleware;

/// <summary>Who calls an endpoint, and so in which form it answers when something goes wrong.</summary>
internal enum Audience
{
    /// <summary>A player's browser: pages.</summary>
    Browser,

    /// <summary>A game or an operator: JSON (RFC 6749 §5.2), with CORS for games in browsers.</summary>
    Game,
}

/// <summary>Says who calls the endpoint, and from where a browser may come to it.</summary>
/// <param name="audience">Who calls it.</param>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class RepliesToAttribute(Audience audience) : Attribute
{
    public Audience Audience => audience;

    /// <summary>Whether a request to it has no effect, so that pages of other sites may send one: as a picture, or by a link.</summary>
    public bool ChangesNothing { get; init; }

    /// <summary>
    /// Whether the page that opened it in a popup may go on watching that window. Elsewhere <c>Cross-Origin-Opener-Policy</c> cuts the
    /// two apart, so that no opener can move, cover or redirect our pages.
    /// </summary>
    public bool KeepsOpener { get; init; }
}
