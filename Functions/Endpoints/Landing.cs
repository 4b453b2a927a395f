namespace TokenBroker.Endpoints;

/// <summary>
/// <c>GET /</c>: where the player enters the code of a device, so that a television shows no more than the domain; where no game has the
/// device flow, a page that tells what this address is.
/// </summary>
[RepliesTo(Audience.Browser)]
public sealed class Landing(AppCatalog apps, BrokerOptions options, ISecrets secrets, TimeProvider time)
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
    public async Task<IResult> Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Root)] HttpRequest request)
    {
        if (!apps.All.Any(app => app.Flows.Contains(Flow.Device)))
            return BrokerPages.Landing();
        var keys = await secrets.ProtectionKeysAsync(request.HttpContext.RequestAborted);
        var guard = new FormGuard(request, options, keys, time.GetUtcNow());
        return DevicePages.EnterUserCode(options.Path(Paths.Device), guard.NewToken(DeviceForm.EntryForm), isWrong: false);
    }
}
