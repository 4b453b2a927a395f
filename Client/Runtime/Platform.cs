#nullable enable
using System;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace TokenBroker.Client
{
    /// <summary>What the client needs of the machine: HTTP and time. A game that has its own ways implements this.</summary>
    public interface IPlatform
    {
        /// <summary>The present.</summary>
        DateTimeOffset Now { get; }

        /// <summary>Waits.</summary>
        /// <param name="time">How long.</param>
        /// <param name="cancellation">Stops waiting.</param>
        /// <returns>Done when the time is over.</returns>
        Task DelayAsync(TimeSpan time, CancellationToken cancellation);

        /// <summary>Sends a request, follows no redirect and keeps no cookies.</summary>
        /// <param name="request">The request.</param>
        /// <param name="cancellation">Stops waiting.</param>
        /// <returns>The response, whatever its status.</returns>
        /// <exception cref="TokenBrokerException">There was none.</exception>
        Task<BrokerResponse> SendAsync(BrokerRequest request, CancellationToken cancellation);
    }

    /// <summary>A request to the broker.</summary>
    public sealed class BrokerRequest
    {
        internal BrokerRequest(string method, Uri url, string? form, string? bearer)
        {
            Method = method;
            Url = url;
            Form = form;
            Bearer = bearer;
        }

        /// <summary>GET or POST.</summary>
        public string Method { get; }

        /// <summary>The address.</summary>
        public Uri Url { get; }

        /// <summary>The body of a POST, of type application/x-www-form-urlencoded; null for none.</summary>
        public string? Form { get; }

        /// <summary>The bearer token (RFC 6750 §2.1); null for none. A secret.</summary>
        public string? Bearer { get; }
    }

    /// <summary>A response of the broker.</summary>
    public sealed class BrokerResponse
    {
        /// <summary>A response.</summary>
        /// <param name="status">The HTTP status.</param>
        /// <param name="body">The body; empty for none.</param>
        /// <param name="retryAfter">What Retry-After says; null when there is none.</param>
        public BrokerResponse(int status, string body, TimeSpan? retryAfter = null)
        {
            Status = status;
            Body = body;
            RetryAfter = retryAfter;
        }

        /// <summary>The HTTP status.</summary>
        public int Status { get; }

        /// <summary>The body; empty for none.</summary>
        public string Body { get; }

        /// <summary>How long to wait; null when the broker did not say.</summary>
        public TimeSpan? RetryAfter { get; }
    }

    /// <summary>HTTP by <see cref="HttpClient"/>, and the system's clock.</summary>
    public sealed class HttpClientPlatform : IPlatform
    {
        private static readonly HttpClient Shared =
            new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false })
            {
                Timeout = TimeSpan.FromSeconds(30),
            };

        private readonly HttpClient _http;

        /// <summary>A platform.</summary>
        /// <param name="http">The client to use; one that all share when null.</param>
        public HttpClientPlatform(HttpClient? http = null) => _http = http ?? Shared;

        /// <inheritdoc/>
        public DateTimeOffset Now => DateTimeOffset.UtcNow;

        /// <inheritdoc/>
        public Task DelayAsync(TimeSpan time, CancellationToken cancellation) => Task.Delay(time, cancellation);

        /// <inheritdoc/>
        public async Task<BrokerResponse> SendAsync(BrokerRequest request, CancellationToken cancellation)
        {
            if (request is null)
                throw new ArgumentNullException(nameof(request));
            using var message = new HttpRequestMessage(new HttpMethod(request.Method), request.Url);
            if (request.Form is { } form)
                message.Content = new StringContent(form, Encoding.UTF8, "application/x-www-form-urlencoded");
            if (request.Bearer is { } bearer)
                message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
            try
            {
                using var response = await _http.SendAsync(message, cancellation).Here();
                return new BrokerResponse((int)response.StatusCode, await response.Content.ReadAsStringAsync().Here(),
                    response.Headers.RetryAfter?.Delta);
            }
            catch (HttpRequestException exception)
            {
                throw TokenBrokerException.Unreachable(exception);
            }
            catch (OperationCanceledException exception) when (!cancellation.IsCancellationRequested)
            {
                throw TokenBrokerException.Unreachable(exception);
            }
        }
    }

    internal static class Platforms
    {
        public static IPlatform Default() =>
#if UNITY_5_3_OR_NEWER
            new UnityPlatform();
#else
            new HttpClientPlatform();
#endif
    }

    /// <summary>
    /// Where the client goes on after waiting. Off the caller's thread, so that a game that blocks on a task does not wait for itself
    /// (with <see cref="HttpClientPlatform"/>: Unity's requests need its main thread); but on it in Unity's WebGL builds, which have no
    /// other.
    /// </summary>
    internal static class Awaiting
    {
#if UNITY_WEBGL && !UNITY_EDITOR
        private const bool OnCallersThread = true;
#else
        private const bool OnCallersThread = false;
#endif

        /// <summary>For tasks that the client completes itself: where there is no other thread, whoever waits goes on at once.</summary>
        public const TaskCreationOptions Options = OnCallersThread
            ? TaskCreationOptions.None
            : TaskCreationOptions.RunContinuationsAsynchronously;

        public static ConfiguredTaskAwaitable Here(this Task task) => task.ConfigureAwait(OnCallersThread);

        public static ConfiguredTaskAwaitable<T> Here<T>(this Task<T> task) => task.ConfigureAwait(OnCallersThread);
    }
}
