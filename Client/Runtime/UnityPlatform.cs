#if UNITY_5_3_OR_NEWER
#nullable enable
using System;
using System.Globalization;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using UnityEngine;
using UnityEngine.Networking;

namespace TokenBroker.Client
{
    /// <summary>HTTP by UnityWebRequest, which works on every platform of Unity, WebGL included. Make it on the main thread.</summary>
    public sealed class UnityPlatform : IPlatform
    {
        private readonly SynchronizationContext _main;

        /// <summary>A platform.</summary>
        /// <exception cref="InvalidOperationException">This is not Unity's main thread.</exception>
        public UnityPlatform() => _main = SynchronizationContext.Current
            ?? throw new InvalidOperationException("Make the client on Unity's main thread.");

        /// <inheritdoc/>
        public DateTimeOffset Now => DateTimeOffset.UtcNow;

        /// <inheritdoc/>
        public async Task DelayAsync(TimeSpan time, CancellationToken cancellation)
        {
            // WebGL has no timers: look again with every frame.
            var end = Now + time;
            do
            {
                cancellation.ThrowIfCancellationRequested();
                await OnMainThreadAsync(() => true).Here();
            }
            while (Now < end);
        }

        /// <inheritdoc/>
        public Task<BrokerResponse> SendAsync(BrokerRequest request, CancellationToken cancellation)
        {
            var answer = new TaskCompletionSource<BrokerResponse>();
            _main.Post(_ => Send(request, cancellation, answer), null);
            return answer.Task;
        }

        private void Send(BrokerRequest request, CancellationToken cancellation, TaskCompletionSource<BrokerResponse> answer)
        {
            if (cancellation.IsCancellationRequested)
            {
                answer.TrySetCanceled(cancellation);
                return;
            }
            var web = new UnityWebRequest(request.Url, request.Method) { downloadHandler = new DownloadHandlerBuffer(), redirectLimit = 0,
                timeout = 30 };
            try
            {
                if (request.Form is { } form)
                {
                    web.uploadHandler = new UploadHandlerRaw(Encoding.UTF8.GetBytes(form));
                    web.SetRequestHeader("Content-Type", "application/x-www-form-urlencoded");
                }
                if (request.Bearer is { } bearer)
                    web.SetRequestHeader("Authorization", "Bearer " + bearer);
                var isDone = false;
                // Whoever cancels may be on another thread; Unity's requests belong to this one.
                var stop = cancellation.Register(() => _main.Post(_ =>
                {
                    if (!isDone)
                        web.Abort();
                }, null));
                web.SendWebRequest().completed += _ =>
                {
                    isDone = true;
                    stop.Dispose();
                    if (cancellation.IsCancellationRequested)
                        answer.TrySetCanceled(cancellation);
                    else if (web.responseCode == 0)
                        answer.TrySetException(TokenBrokerException.Unreachable(new InvalidOperationException(web.error)));
                    else
                        answer.TrySetResult(new BrokerResponse(
                            (int)web.responseCode, web.downloadHandler.text ?? "", RetryAfter(web.GetResponseHeader("Retry-After"))));
                    web.Dispose();
                };
            }
            catch (Exception exception)
            {
                // Unity refuses plain http by default, for one; a task that never ends would tell nobody.
                web.Dispose();
                answer.TrySetException(TokenBrokerException.Unreachable(exception));
            }
        }

        private static TimeSpan? RetryAfter(string? seconds) =>
            double.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var time)
                ? TimeSpan.FromSeconds(time)
                : (TimeSpan?)null;

        private Task<bool> OnMainThreadAsync(Func<bool> action)
        {
            var done = new TaskCompletionSource<bool>();
            _main.Post(_ => done.SetResult(action()), null);
            return done.Task;
        }
    }

    /// <summary>
    /// Keeps the tokens in PlayerPrefs. Anybody who can read the player's files can read them there; prefer a file where there is one.
    /// Make it on the main thread, on which PlayerPrefs insists.
    /// </summary>
    public sealed class PlayerPrefsTokenStore : ITokenStore
    {
        private readonly string _key;
        private readonly SynchronizationContext _main;

        /// <summary>A store in PlayerPrefs.</summary>
        /// <param name="key">The entry's name.</param>
        /// <exception cref="InvalidOperationException">This is not Unity's main thread.</exception>
        public PlayerPrefsTokenStore(string key = "TokenBroker.Tokens")
        {
            _key = key;
            _main = SynchronizationContext.Current ?? throw new InvalidOperationException("Make the store on Unity's main thread.");
        }

        /// <inheritdoc/>
        public Task<string?> LoadAsync() => OnMainThreadAsync(() => PlayerPrefs.HasKey(_key) ? PlayerPrefs.GetString(_key) : null);

        /// <inheritdoc/>
        public Task SaveAsync(string? tokens) => OnMainThreadAsync(() =>
        {
            if (tokens is null)
                PlayerPrefs.DeleteKey(_key);
            else
                PlayerPrefs.SetString(_key, tokens);
            PlayerPrefs.Save();
            return null;
        });

        private Task<string?> OnMainThreadAsync(Func<string?> action)
        {
            var done = new TaskCompletionSource<string?>();
            _main.Post(_ =>
            {
                try
                {
                    done.SetResult(action());
                }
                catch (Exception exception)
                {
                    done.SetException(exception);
                }
            }, null);
            return done.Task;
        }
    }
}
#endif
