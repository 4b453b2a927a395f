namespace TokenBroker.Web.Middleware;

/// <summary>A feature of a request whose faults are not answered with a page, since the game can be told.</summary>
/// <param name="Of">The answer to a fault.</param>
internal sealed record FaultReply(Func<OAuthError, IResult> Of);
