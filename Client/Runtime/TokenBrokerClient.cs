#nullable enable
using System;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Newtonsoft.Json.Linq;

namespace TokenBroker.Client
{
    /// <summary>
    /// Signs a game's player in through TokenBroker and keeps them signed in. Safe to use from any thread; keep one for the game's
    /// lifetime. Every method throws <see cref="TokenBrokerException"/> for what a game can expect to go wrong.
    /// </summary>
    public sealed class TokenBrokerClient
    {
        /// <summary>How long before its end a token is refreshed.</summary>
        public static readonly TimeSpan RefreshMargin = TimeSpan.FromSeconds(60);

        private const string DeviceGrantType = "urn:ietf:params:oauth:grant-type:device_code";
        private static readonly TimeSpan SlowDown = TimeSpan.FromSeconds(5); // RFC 8628 §3.5
        private static readonly TimeSpan MaxInterval = TimeSpan.FromMinutes(1);

        private readonly string _broker;
        private readonly string _app;
        private readonly ITokenStore _store;
        private readonly IPlatform _platform;
        private readonly object _lock = new object();
        private (Tokens Of, Task<Tokens> Task)? _refreshing;
        private Task _saving = Task.CompletedTask;
        private Tokens? _tokens;
        private bool _loaded;

        /// <summary>A client of one game.</summary>
        /// <param name="broker">The broker's public URL; https, unless it is this machine.</param>
        /// <param name="app">The game's name at the broker, or its client id.</param>
        /// <param name="store">Where the player's tokens are kept between runs; in memory when null.</param>
        /// <param name="platform">HTTP and time; what suits the platform when null.</param>
        /// <exception cref="ArgumentException">The URL is neither https nor this machine's.</exception>
        public TokenBrokerClient(Uri broker, string app, ITokenStore? store = null, IPlatform? platform = null)
        {
            if (broker is null)
                throw new ArgumentNullException(nameof(broker));
            if (broker.Scheme != Uri.UriSchemeHttps && !broker.IsLoopback)
                throw new ArgumentException("The broker's URL must be https.", nameof(broker));
            _broker = broker.AbsoluteUri.TrimEnd('/');
            _app = app ?? throw new ArgumentNullException(nameof(app));
            _store = store ?? new MemoryTokenStore();
            _platform = platform ?? Platforms.Default();
        }

        /// <summary>
        /// Told when the store could not read or write. No call fails for it: what is in memory goes on working, and is gone with the
        /// game. Called on any thread.
        /// </summary>
        public event Action<Exception>? StoreFailed;

        /// <summary>
        /// Begins a sign-in with an access code: open <see cref="AccessCodeSignIn.Address"/> in the player's browser, and give the code
        /// that they bring back to <see cref="AccessCodeSignIn.CompleteAsync"/>. The code is bound to this object by PKCE (RFC
        /// 7636).
        /// </summary>
        /// <param name="scopes">What the game asks for; none where the provider knows none.</param>
        /// <returns>The sign-in, good for five minutes.</returns>
        public AccessCodeSignIn SignInWithAccessCode(params string[] scopes)
        {
            var verifier = NewVerifier();
            var query = Form(
                ("app", _app), ("scopes", string.Join(",", scopes)), ("code_challenge", Challenge(verifier)),
                    ("code_challenge_method", "S256"));
            return new AccessCodeSignIn(new Uri($"{_broker}/create-session?{query}"), (code, cancellation) =>
                RedeemAsync(code, verifier, cancellation));
        }

        /// <summary>
        /// Signs in by the device flow (RFC 8628): shows where the player goes by <paramref name="show"/>, and waits until they have been
        /// there.
        /// </summary>
        /// <param name="show">
        /// Called once, in the caller's synchronisation context where there is one, with the code, the address and the QR picture's
        /// address to show.
        /// </param>
        /// <param name="cancellation">Stops waiting.</param>
        /// <param name="scopes">What the game asks for; none where the provider knows none.</param>
        /// <returns>The player's tokens, which the client keeps as well.</returns>
        /// <exception cref="TokenBrokerException">The player declined or took more than five minutes, or there is trouble.</exception>
        public async Task<Tokens> SignInWithDeviceAsync(Action<DevicePrompt> show, CancellationToken cancellation, params string[] scopes)
        {
            if (show is null)
                throw new ArgumentNullException(nameof(show));
            var context = SynchronizationContext.Current;
            var started = await PostAsync("device_authorization", cancellation, ("client_id", _app), ("scope", string.Join(" ", scopes)))
                .Here();
            var code = Required(started, "device_code");
            var prompt = new DevicePrompt(
                Required(started, "user_code"),
                new Uri(Required(started, "verification_uri")),
                new Uri(Required(started, "verification_uri_complete")),
                new Uri($"{_broker}/device/qr?user_code={Uri.EscapeDataString(Required(started, "user_code"))}"),
                _platform.Now + TimeSpan.FromSeconds(Json.Number(started, "expires_in") ?? 300));
            // Where the caller was: in Unity only that thread may touch what is on the screen.
            if (context is null)
                show(prompt);
            else
                context.Post(_ => show(prompt), null);

            var interval = TimeSpan.FromSeconds(Json.Number(started, "interval") ?? 5);
            while (true)
            {
                await _platform.DelayAsync(interval, cancellation).Here();
                var isOver = _platform.Now >= prompt.ExpiresAt;
                try
                {
                    var reply = await PostAsync("token", cancellation, ("grant_type", DeviceGrantType), ("client_id", _app),
                        ("device_code", code)).Here();
                    return await KeepAsync(Tokens.Read(reply, "access_token", _platform.Now)).Here();
                }
                catch (TokenBrokerException exception) when (exception.Code == "authorization_pending")
                {
                    // The player is still at it.
                }
                catch (TokenBrokerException exception) when (exception.Code == "slow_down")
                {
                    interval += SlowDown;
                }
                catch (TokenBrokerException exception) when (exception.Error == TokenBrokerError.Offline && isOver)
                {
                    throw new TokenBrokerException(
                        TokenBrokerError.Expired, "expired_token", "The sign-in took too long.", inner: exception);
                }
                catch (TokenBrokerException exception) when (exception.Error == TokenBrokerError.Offline)
                {
                    // RFC 8628 §3.5: what fails on the way is tried again, less often each time; the code says when to end.
                    interval = interval + interval < MaxInterval ? interval + interval : MaxInterval;
                }
            }
        }

        /// <summary>Whether a player is signed in, as far as this client knows.</summary>
        /// <returns>Whether there are tokens that work, or can be refreshed.</returns>
        public async Task<bool> IsSignedInAsync()
        {
            var tokens = await LoadAsync().Here();
            return tokens is { } && (!HasEnded(tokens) || tokens.RefreshToken is { });
        }

        /// <summary>
        /// The access token, refreshed before it ends. Many callers at once cause one refresh; each stops waiting by its own token, and
        /// the refresh goes on for the others. Where it cannot be refreshed just now, the one there is, as long as it works.
        /// </summary>
        /// <param name="cancellation">Stops waiting.</param>
        /// <returns>An access token.</returns>
        /// <exception cref="TokenBrokerException">Nobody is signed in (any more), or there is trouble.</exception>
        public async Task<string> GetAccessTokenAsync(CancellationToken cancellation = default)
        {
            var tokens = await LoadAsync().Here() ?? throw SignedOut("Nobody is signed in.");
            if (!IsStale(tokens))
                return tokens.AccessToken;
            if (tokens.RefreshToken is null)
                return !HasEnded(tokens)
                    ? tokens.AccessToken
                    : throw SignedOut("The token has expired, and the provider refreshes none.");
            try
            {
                return (await WaitAsync(RefreshOnceAsync(tokens), cancellation).Here()).AccessToken;
            }
            catch (TokenBrokerException exception) when (
                exception.Error == TokenBrokerError.Offline || exception.Error == TokenBrokerError.ProviderTrouble)
            {
                if (HasEnded(tokens))
                    throw;
                return tokens.AccessToken;
            }
        }

        /// <summary>Refreshes the access token now: for one that the provider's own servers have refused.</summary>
        /// <param name="cancellation">Stops waiting.</param>
        /// <returns>Another access token.</returns>
        /// <exception cref="TokenBrokerException">
        /// Nobody is signed in (any more), the provider refreshes none, or there is trouble.
        /// </exception>
        public async Task<string> RefreshAsync(CancellationToken cancellation = default)
        {
            var tokens = await LoadAsync().Here() ?? throw SignedOut("Nobody is signed in.");
            if (tokens.RefreshToken is null)
                throw SignedOut("The provider refreshes no tokens.");
            return (await WaitAsync(RefreshOnceAsync(tokens), cancellation).Here()).AccessToken;
        }

        /// <summary>The player's profile, as the provider has it.</summary>
        /// <param name="cancellation">Stops waiting.</param>
        /// <returns>The provider's JSON.</returns>
        /// <exception cref="TokenBrokerException">
        /// Nobody is signed in (any more), the provider tells no profiles, or there is trouble.
        /// </exception>
        public async Task<JToken> GetUserInfoAsync(CancellationToken cancellation = default)
        {
            var url = new Uri($"{_broker}/userinfo?{Form(("app", _app))}");
            var token = await GetAccessTokenAsync(cancellation).Here();
            try
            {
                return await SendAsync(new BrokerRequest("GET", url, null, token), cancellation).Here();
            }
            catch (TokenBrokerException exception) when (exception.Code == "invalid_token")
            {
                // A provider may end a token early, or never say when it ends.
                var tokens = await LoadAsync().Here();
                if (tokens?.RefreshToken is null)
                    throw;
            }
            return await SendAsync(new BrokerRequest("GET", url, null, await RefreshAsync(cancellation).Here()), cancellation).Here();
        }

        /// <summary>
        /// Signs out: forgets the tokens, and revokes them where the provider can. What is forgotten stays forgotten, whatever becomes of
        /// the rest.
        /// </summary>
        /// <param name="cancellation">Stops waiting.</param>
        /// <returns>Done when the broker has been told.</returns>
        /// <exception cref="TokenBrokerException">The broker or the provider could not be told.</exception>
        public async Task SignOutAsync(CancellationToken cancellation = default)
        {
            await LoadAsync().Here();
            Tokens? tokens;
            lock (_lock)
                (tokens, _tokens) = (_tokens, null);
            await SaveAsync().Here();
            if (tokens is null)
                return;
            try
            {
                await RevokeAsync(tokens, cancellation).Here();
            }
            catch (TokenBrokerException exception) when (exception.Code == "unsupported_token_type")
            {
                // The provider ends no tokens (RFC 7009 §2.2.1): they are forgotten, which is all there is.
            }
        }

        internal static string Challenge(string verifier)
        {
            using var sha = SHA256.Create();
            return Base64Url(sha.ComputeHash(Encoding.ASCII.GetBytes(verifier)));
        }

        private static string NewVerifier()
        {
            var bits = new byte[32];
            using (var generator = RandomNumberGenerator.Create())
                generator.GetBytes(bits);
            return Base64Url(bits);
        }

        private async Task<Tokens> RedeemAsync(string code, string verifier, CancellationToken cancellation)
        {
            if (string.IsNullOrWhiteSpace(code))
                throw new TokenBrokerException(TokenBrokerError.InvalidCode, "invalid_grant", "There is no code.");
            var reply = await PostAsync("exchange-code", cancellation, ("access_code", code), ("code_verifier", verifier), ("app", _app))
                .Here();
            return await KeepAsync(Tokens.Read(reply, "oauth_token", _platform.Now)).Here();
        }

        private Task<Tokens> RefreshOnceAsync(Tokens stale)
        {
            TaskCompletionSource<Tokens> refreshing;
            lock (_lock)
            {
                if (_tokens is { } current && !ReferenceEquals(current, stale) && !IsStale(current))
                    return Task.FromResult(current);
                // Another player's refresh, who has signed out meanwhile, is none for this one.
                if (_refreshing is { } underWay && ReferenceEquals(underWay.Of, stale))
                    return underWay.Task;
                refreshing = new TaskCompletionSource<Tokens>(Awaiting.Options);
                _refreshing = (stale, refreshing.Task);
            }
            _ = RefreshAsync(stale, refreshing);
            return refreshing.Task;
        }

        private async Task RefreshAsync(Tokens stale, TaskCompletionSource<Tokens> refreshing)
        {
            try
            {
                var reply = await PostAsync(
                    "token", CancellationToken.None, ("grant_type", "refresh_token"), ("client_id", _app),
                        ("refresh_token", stale.RefreshToken!)).Here();
                var refreshed = Tokens.Read(reply, "access_token", _platform.Now).Or(stale);
                if (!Replace(stale, refreshed))
                {
                    await RevokeOrphanAsync(refreshed).Here();
                    throw SignedOut("The player has signed out.");
                }
                await SaveAsync().Here();
                End(() => refreshing.SetResult(refreshed));
            }
            catch (TokenBrokerException exception) when (exception.Error == TokenBrokerError.InvalidCode)
            {
                // The provider takes them no more: whoever asks is told to sign in, now and after the next start.
                if (Replace(stale, null))
                    await SaveAsync().Here();
                End(() => refreshing.SetException(SignedOut("The player must sign in again.")));
            }
            catch (Exception exception)
            {
                End(() => refreshing.SetException(exception));
            }

            void End(Action complete)
            {
                lock (_lock)
                {
                    if (_refreshing?.Task == refreshing.Task)
                        _refreshing = null;
                }
                complete();
            }
        }

        /// <summary>
        /// Ends tokens that came for a player who has signed out. Not where somebody has signed in since: it may be the same player,
        /// whose new tokens some providers would end too.
        /// </summary>
        private async Task RevokeOrphanAsync(Tokens tokens)
        {
            lock (_lock)
            {
                if (_tokens is { })
                    return;
            }
            try
            {
                await RevokeAsync(tokens, CancellationToken.None).Here();
            }
            catch (TokenBrokerException)
            {
                // Nobody waits for it, and nobody has them.
            }
        }

        private bool Replace(Tokens expected, Tokens? replacement)
        {
            lock (_lock)
            {
                if (!ReferenceEquals(_tokens, expected))
                    return false;
                _tokens = replacement;
                return true;
            }
        }

        private Task<JObject> RevokeAsync(Tokens tokens, CancellationToken cancellation) =>
            PostAsync("revoke", cancellation, ("client_id", _app), ("token", tokens.RefreshToken ?? tokens.AccessToken));

        private async Task<Tokens?> LoadAsync()
        {
            lock (_lock)
            {
                if (_loaded)
                    return _tokens;
            }
            string? stored = null;
            try
            {
                stored = await _store.LoadAsync().Here();
            }
            catch (Exception exception)
            {
                StoreFailed?.Invoke(exception);
            }
            lock (_lock)
            {
                if (!_loaded)
                {
                    _tokens = stored is null ? null : Tokens.Parse(stored);
                    _loaded = true;
                }
                return _tokens;
            }
        }

        private async Task<Tokens> KeepAsync(Tokens tokens)
        {
            lock (_lock)
            {
                _tokens = tokens;
                _loaded = true;
            }
            await SaveAsync().Here();
            return tokens;
        }

        /// <summary>
        /// Saves what is true by then, after every earlier save: none overtakes another, and the last one has the last word.
        /// </summary>
        private Task SaveAsync()
        {
            lock (_lock)
                return _saving = SaveAfterAsync(_saving);
        }

        private async Task SaveAfterAsync(Task earlier)
        {
            // Whatever became of it is its own caller's affair.
            await Task.WhenAny(earlier).Here();
            string? text;
            lock (_lock)
                text = _tokens?.ToJson();
            try
            {
                await _store.SaveAsync(text).Here();
            }
            catch (Exception exception)
            {
                StoreFailed?.Invoke(exception);
            }
        }

        private bool HasEnded(Tokens tokens) => tokens.ExpiresAt is { } end && _platform.Now >= end;

        private bool IsStale(Tokens tokens) => tokens.ExpiresAt is { } end && _platform.Now >= end - RefreshMargin;

        private async Task<JObject> PostAsync(string path, CancellationToken cancellation, params (string Name, string Value)[] fields) =>
            await SendAsync(new BrokerRequest("POST", new Uri($"{_broker}/{path}"), Form(fields), null), cancellation).Here() as JObject
                ?? new JObject();

        private async Task<JToken> SendAsync(BrokerRequest request, CancellationToken cancellation)
        {
            var response = await _platform.SendAsync(request, cancellation).Here();
            var json = response.Body.Length == 0 ? new JObject() : Json.Parse(response.Body);
            if (response.Status >= 200 && response.Status < 300 && json is { })
                return json;
            throw TokenBrokerException.Of(response, json as JObject);
        }

        private static Task<T> WaitAsync<T>(Task<T> task, CancellationToken cancellation)
        {
            if (!cancellation.CanBeCanceled || task.IsCompleted)
                return task;
            var result = new TaskCompletionSource<T>(Awaiting.Options);
            _ = RelayAsync(task, result, cancellation);
            return result.Task;
        }

        private static async Task RelayAsync<T>(Task<T> task, TaskCompletionSource<T> result, CancellationToken cancellation)
        {
            using (cancellation.Register(() => result.TrySetCanceled(cancellation)))
            {
                try
                {
                    result.TrySetResult(await task.Here());
                }
                catch (Exception exception)
                {
                    result.TrySetException(exception);
                }
            }
        }

        private static TokenBrokerException SignedOut(string message) =>
            new TokenBrokerException(TokenBrokerError.SignedOut, "signed_out", message);

        private static string Required(JObject json, string name) => Json.Text(json, name) is { Length: > 0 } value
            ? value
            : throw new TokenBrokerException(TokenBrokerError.ProviderTrouble, "server_error", $"The broker's answer lacks '{name}'.");

        private static string Form(params (string Name, string Value)[] fields) => string.Join(
            "&", fields.Where(field => field.Value.Length > 0).Select(field => $"{field.Name}={Uri.EscapeDataString(field.Value)}"));

        private static string Base64Url(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }
}
