using System.Collections.Concurrent;

namespace TokenBroker.Tests.Infrastructure;

/// <summary>Everything that the broker answers: status, headers and body of each response.</summary>
internal sealed class Transcript(Uri broker)
{
    private readonly ConcurrentQueue<string> _responses = new();

    public string Text => string.Join('\n', _responses);

    /// <summary>
    /// A handler that writes down what the broker answers, and leaves out where it sends a browser: that has to carry a state.
    /// </summary>
    public HttpMessageHandler Hearing(HttpMessageHandler inner) => new Handler(this, broker) { InnerHandler = inner };

    private sealed class Handler(Transcript transcript, Uri broker) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (request.RequestUri!.Authority != broker.Authority)
                return response;
            var headers = response.Headers.Concat(response.Content.Headers)
                .Where(header => header.Key is not ("Location" or "Set-Cookie"))
                .Select(header => $"{header.Key}: {string.Join(", ", header.Value)}");
            var body = await response.Content.ReadAsStringAsync(cancellationToken);
            transcript._responses.Enqueue($"{response.StatusCode} {string.Join('\n', headers)}\n{body}");
            return response;
        }
    }
}
