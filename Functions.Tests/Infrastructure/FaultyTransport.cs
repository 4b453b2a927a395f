using System.Net;
using Azure.Core.Pipeline;
using Azure.Data.Tables;

namespace TokenBroker.Tests.Infrastructure;

/// <summary>What can go wrong with a storage call, on the wire.</summary>
internal enum Fault
{
    None,
    Unauthorized,
    Forbidden,
    Throttled,
    ServerError,
    Unavailable,
    Reset,
    Timeout,

    /// <summary>The call is done, and its answer gets lost.</summary>
    LostAnswer,
}

/// <summary>Stands between a table client and Azurite, and lets a test break each call.</summary>
internal sealed class FaultyTransport() : DelegatingHandler(new SocketsHttpHandler())
{
    private int _injected;

    /// <summary>Decides for each call.</summary>
    public Func<Fault> Next { get; set; } = () => Fault.None;

    /// <summary>Comes before each call, and may hold it up.</summary>
    public Func<HttpRequestMessage, Task> Before { get; set; } = _ => Task.CompletedTask;

    /// <summary>How many calls went wrong.</summary>
    public int Injected => _injected;

    public TableClientOptions Options() => new() { Transport = new HttpClientTransport(this) };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        await Before(request);
        var fault = Next();
        if (fault != Fault.None)
            Interlocked.Increment(ref _injected);
        switch (fault)
        {
            case Fault.None:
                return await base.SendAsync(request, cancellationToken);
            case Fault.Unauthorized:
                return new(HttpStatusCode.Unauthorized);
            case Fault.Forbidden:
                return new(HttpStatusCode.Forbidden);
            case Fault.Throttled:
                return new(HttpStatusCode.TooManyRequests);
            case Fault.ServerError:
                return new(HttpStatusCode.InternalServerError);
            case Fault.Unavailable:
                return new(HttpStatusCode.ServiceUnavailable);
            case Fault.Reset:
                throw new HttpRequestException("The connection was reset.");
            case Fault.Timeout:
                throw new TaskCanceledException("The call took too long.");
            default:
                (await base.SendAsync(request, cancellationToken)).Dispose();
                throw new HttpRequestException("The answer was lost.");
        }
    }
}
