using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TokenBroker.Http;
using TokenBroker.Pages;

namespace TokenBroker.Endpoints;

/// <summary><c>GET /</c>: tells whoever comes here without a game what this address is.</summary>
public sealed class Landing(BrokerOptions options, Faults faults)
{
    /// <summary>Answers with the page. On the real host it needs <c>AzureWebJobsDisableHomepage=true</c>, or that host's own page stands here.</summary>
    /// <param name="request">The browser's request.</param>
    /// <returns>200 with a page.</returns>
    [Function(nameof(Landing))]
    public Task<IResult> Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "/")] HttpRequest request) =>
        faults.ToBrowser(request, () => Task.FromResult<IResult>(BrokerPages.Landing(options.Path(Device.Path))));
}
