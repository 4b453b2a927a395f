using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;

namespace TokenBroker.OAuth;

/// <summary>
/// HTTP to providers: pooled connections, no redirect followed, limited in time and size. Where a registration does not allow private
/// networks, no connection to one is made.
/// </summary>
/// <param name="time">The clock that limits every call.</param>
/// <param name="wrap">Puts another handler around the one that connects; for tests and benchmarks only.</param>
public sealed class ProviderHttp(TimeProvider time, Func<HttpMessageHandler, HttpMessageHandler>? wrap = null) : IDisposable
{
    /// <summary>The longest to wait for a connection.</summary>
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(3);

    /// <summary>The longest a whole call may take.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>The largest reply that is read, in bytes.</summary>
    public const int MaxReplyLength = 1024 * 1024;

    private readonly Lazy<HttpMessageInvoker> _publicNetwork = new(() => NewInvoker(ConnectPubliclyAsync, wrap));
    private readonly Lazy<HttpMessageInvoker> _anyNetwork = new(() => NewInvoker(connect: null, wrap));

    /// <summary>A provider's reply; without one the status is 502, or 504 after a timeout, as a gateway says.</summary>
    /// <param name="Status">The HTTP status.</param>
    /// <param name="Body">The body.</param>
    /// <param name="Missing">Why there is no reply.</param>
    internal readonly record struct Reply(int Status, byte[] Body, NoReply Missing = NoReply.None)
    {
        public bool IsTimeout => Status == (int)HttpStatusCode.GatewayTimeout;

        /// <summary>Whether it is a page for people.</summary>
        public bool IsHtml => Body.AsSpan().TrimStart(" \r\n\t\uFEFF"u8).StartsWith("<"u8);

        public static Reply None(NoReply missing) =>
            new((int)(missing == NoReply.Timeout ? HttpStatusCode.GatewayTimeout : HttpStatusCode.BadGateway), [], missing);
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose()
    {
        foreach (var invoker in new[] { _publicNetwork, _anyNetwork }.Where(invoker => invoker.IsValueCreated))
            invoker.Value.Dispose();
    }

    /// <summary>A time limit for one exchange with a provider, all its tries together.</summary>
    internal CancellationTokenSource NewLimit() => new(Timeout, time);

    /// <summary>Reads; tried once more when the provider failed, since reading twice does no harm.</summary>
    internal async Task<Reply> GetAsync(Registration registration, Uri url, string? bearerToken, CancellationToken cancellation)
    {
        using var timeLimit = NewLimit();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(timeLimit.Token, cancellation);
        var reply = await SendAsync(registration, NewRequest(), limit.Token);
        if (reply.Status >= 500 && !limit.IsCancellationRequested)
            reply = await SendAsync(registration, NewRequest(), limit.Token);
        return reply;

        HttpRequestMessage NewRequest() => new(HttpMethod.Get, url)
        {
            Headers = { Authorization = bearerToken is null ? null : new AuthenticationHeaderValue("Bearer", bearerToken) },
        };
    }

    /// <summary>Sends once.</summary>
    internal async Task<Reply> SendAsync(Registration registration, HttpRequestMessage request, CancellationToken limit)
    {
        using (request)
        {
            request.Headers.TryAddWithoutValidation("Accept", "application/json");
            // GitHub refuses requests without one:
            // https://docs.github.com/rest/using-the-rest-api/getting-started-with-the-rest-api#user-agent
            request.Headers.TryAddWithoutValidation("User-Agent", "TokenBroker");
            try
            {
                var invoker = registration.AllowPrivateNetwork ? _anyNetwork.Value : _publicNetwork.Value;
                using var response = await invoker.SendAsync(request, limit);
                await response.Content.LoadIntoBufferAsync(MaxReplyLength, limit);
                return new((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(limit));
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or InvalidDataException)
            {
                // A timeout can surface as an I/O error.
                return Reply.None(limit.IsCancellationRequested ? NoReply.Timeout : ReasonOf(exception));
            }
            catch (OperationCanceledException)
            {
                return Reply.None(NoReply.Timeout);
            }
        }
    }

    private static NoReply ReasonOf(Exception exception) => exception.GetBaseException() switch
    {
        PrivateHostException => NoReply.PrivateHost,
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData } => NoReply.UnknownHost,
        AuthenticationException => NoReply.NoTls,
        _ => (exception as HttpRequestException)?.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => NoReply.UnknownHost,
            HttpRequestError.ConnectionError => NoReply.NoConnection,
            HttpRequestError.SecureConnectionError => NoReply.NoTls,
            _ => NoReply.Unreadable,
        },
    };

    /// <summary>
    /// Connects to a host's public addresses only. A host that is written as a loopback address was configured on purpose, and may.
    /// </summary>
    internal static async ValueTask<Stream> ConnectPubliclyAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var endpoint = context.DnsEndPoint;
        var addresses = await Dns.GetHostAddressesAsync(endpoint.Host, cancellation);
        if (!context.InitialRequestMessage.RequestUri!.IsLoopback)
            addresses = [.. addresses.Where(address => !PrivateNetwork.Contains(address))];
        if (addresses.Length == 0)
            throw new PrivateHostException();

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, endpoint.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (Exception)
        {
            socket.Dispose();
            throw;
        }
    }

    private static HttpMessageInvoker NewInvoker(
        Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>>? connect,
        Func<HttpMessageHandler, HttpMessageHandler>? wrap)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            // Traced, but the provider is not told by which id.
            ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),
            AutomaticDecompression = DecompressionMethods.GZip,
            ConnectCallback = connect,
            ConnectTimeout = ConnectTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5), // A provider's new address is found after that.
            UseCookies = false,
            UseProxy = false, // A proxy would hide the address that is connected to.
        };
        return new(wrap?.Invoke(handler) ?? handler);
    }

    /// <summary>A host has private addresses only.</summary>
    private sealed class PrivateHostException() : HttpRequestException("The host has no public address.");
}
