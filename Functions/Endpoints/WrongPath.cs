namespace TokenBroker.Endpoints;

/// <summary>
/// <c>GET</c> of any other path: a page in place of the browser's own. The Functions host takes the first function, in alphabetical
/// order, whose route fits: this one must stay the last.
/// </summary>
[RepliesTo(Audience.Browser, ChangesNothing = true)]
public sealed class WrongPath
{
    // A route that takes them in would hide the host's own paths: https://github.com/Azure/azure-functions-host/issues/2590
    private const string AnyOther = "{*path:regex(^(?!admin|runtime))}";

    /// <summary>Answers with the page.</summary>
    /// <param name="request">The browser's request.</param>
    /// <returns>404 with a page.</returns>
    [Function(nameof(WrongPath))]
    public IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = AnyOther)] HttpRequest request) =>
        BrokerPages.NotFound();
}
