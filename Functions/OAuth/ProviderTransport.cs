using System.Net;
using System.Net.Http.Headers;
using TokenBroker.Apps;

namespace TokenBroker.OAuth;

/// <summary>
/// HTTP to providers: pooled connections, no redirect followed, bounded in time and size. Where an app does not allow private
/// networks, a connection to one is refused.
/// </summary>
/// <param name="time">The clock that bounds every call.</param>
/// <param name="surround">Puts a handler of its own around that of the connections; only tests and benchmarks do.</param>
public sealed class ProviderTransport(TimeProvider time, Func<HttpMessageHandler, HttpMessageHandler>? surround = null) : IDisposable
{
    /// <summary>The longest to wait for a connection.</summary>
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(3);

    /// <summary>The longest a whole call may take.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>The largest reply that is read, in bytes.</summary>
    public const int MaxReplyLength = 1024 * 1024;

    // Not HttpClient, which adds a cancellation of its own to every call.
    private readonly Lazy<HttpMessageInvoker> _public = new(() => NewInvoker(PrivateNetwork.ConnectPubliclyAsync, surround));
    private readonly Lazy<HttpMessageInvoker> _anywhere = new(() => NewInvoker(connect: null, surround));

    /// <summary>A provider's reply; status 502 or 504, as for a gateway, where there was none.</summary>
    /// <param name="Status">The HTTP status.</param>
    /// <param name="Body">The body.</param>
    internal readonly record struct Reply(int Status, byte[] Body)
    {
        public static readonly Reply Nothing = new((int)HttpStatusCode.BadGateway, []);

        public static readonly Reply TooLate = new((int)HttpStatusCode.GatewayTimeout, []);
    }

    /// <summary>Reads; tried once more when the provider failed, since reading twice does no harm.</summary>
    internal async Task<Reply> GetAsync(App app, Uri url, string? bearer, CancellationToken cancellation)
    {
        using var clock = NewLimit();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(clock.Token, cancellation);
        var reply = await SendAsync(app, Request(), limit.Token);
        return reply.Status >= 500 && !limit.IsCancellationRequested ? await SendAsync(app, Request(), limit.Token) : reply;

        HttpRequestMessage Request() => new(HttpMethod.Get, url)
        {
            Headers = { Authorization = bearer is null ? null : new AuthenticationHeaderValue("Bearer", bearer) },
        };
    }

    /// <summary>A limit for one exchange with a provider, all its tries together, by the injected clock.</summary>
    internal CancellationTokenSource NewLimit() => new(Timeout, time);

    /// <summary>Sends once.</summary>
    internal async Task<Reply> SendAsync(App app, HttpRequestMessage request, CancellationToken limit)
    {
        using (request)
        {
            request.Headers.TryAddWithoutValidation("Accept", "application/json");
            // GitHub refuses requests without one: https://docs.github.com/rest/using-the-rest-api/getting-started-with-the-rest-api#user-agent
            request.Headers.TryAddWithoutValidation("User-Agent", "TokenBroker");
            try
            {
                var invoker = (app.AllowPrivateNetwork ? _anywhere : _public).Value;
                using var response = await invoker.SendAsync(request, limit);
                await response.Content.LoadIntoBufferAsync(MaxReplyLength, limit);
                return new((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(limit));
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or InvalidDataException)
            {
                // What a call is cut off from may fail before it notices.
                return limit.IsCancellationRequested ? Reply.TooLate : Reply.Nothing;
            }
            catch (OperationCanceledException)
            {
                return Reply.TooLate;
            }
        }
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose()
    {
        foreach (var invoker in new[] { _public, _anywhere })
        {
            if (invoker.IsValueCreated)
                invoker.Value.Dispose();
        }
    }

    private static HttpMessageInvoker NewInvoker(
        Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>>? connect, Func<HttpMessageHandler, HttpMessageHandler>? surround)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.GZip, // What every server knows; replies are short.
            ConnectCallback = connect,
            ConnectTimeout = ConnectTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5), // A provider that moves is found again.
            UseCookies = false,
            UseProxy = false, // A proxy would hide the address that is connected to.
        };
        return new(surround?.Invoke(handler) ?? handler);
    }
}
