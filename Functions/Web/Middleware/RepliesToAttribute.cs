namespace TokenBroker.Web.Middleware;

/// <summary>Who calls an endpoint, and so in which form it answers when something goes wrong.</summary>
internal enum Audience
{
    /// <summary>A player's browser: pages.</summary>
    Browser,

    /// <summary>A game or an operator: JSON (RFC 6749 §5.2), with CORS for games in browsers.</summary>
    Game,
}

/// <summary>Says who calls the endpoint.</summary>
/// <param name="audience">Who calls it.</param>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class RepliesToAttribute(Audience audience) : Attribute
{
    public Audience Audience => audience;
}
