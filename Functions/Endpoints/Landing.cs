namespace TokenBroker.Endpoints;

/// <summary><c>GET /</c>: tells whoever comes here without a game what this address is.</summary>
[RepliesTo(Audience.Browser, ChangesNothing = true)]
public sealed class Landing(BrokerOptions options)
{
    // The host takes neither "" nor "/" for its root: with "" the function's name is the route, with "/" its worker builds none of the
    // app's routes.
    private const string Root = "{root:maxlength(0)?}";

    /// <summary>
    /// Answers with the page. On the real host it needs <c>AzureWebJobsDisableHomepage=true</c>, or that host's own page stands here.
    /// </summary>
    /// <param name="request">The browser's request.</param>
    /// <returns>200 with a page.</returns>
    [Function(nameof(Landing))]
    public IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Root)] HttpRequest request) =>
        BrokerPages.Landing(options.Path(Paths.Device));
}
