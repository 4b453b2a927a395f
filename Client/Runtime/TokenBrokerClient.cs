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
    /// Signs a game's player in through TokenBroker and keeps them signed in. Safe to use from any thread; keep one for the game's lifetime.
    /// Every method throws <see cref="TokenBrokerException"/> for what a game can expect to go wrong.
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
        private Task<Tokens>? _renewing;
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
        /// Begins a sign-in with an access code: open <see cref="AccessCodeSignIn.Address"/> in the player's browser, and give the code that
        /// they bring back to <see cref="AccessCodeSignIn.CompleteAsync"/>. The code is bound to this object by a proof key (RFC 7636).
        /// </summary>
        /// <param name="scopes">What the game asks for; none where the provider knows none.</param>
        /// <returns>The sign-in, good for five minutes.</returns>
        public AccessCodeSignIn SignInWithAccessCode(params string[] scopes)
        {
            var verifier = NewVerifier();
            var query = Form(
                ("app", _app), ("scopes", string.Join(",", scopes)), ("code_challenge", Challenge(verifier)), ("code_challenge_method", "S256"));
            return new AccessCodeSignIn(new Uri($"{_broker}/create-session?{query}"), (code, cancellation) => RedeemAsync(code, verifier, cancellation));
        }

        /// <summary>Signs in by the device flow (RFC 8628): shows where the player goes by <paramref name="show"/>, and waits until they have been there.</summary>
        /// <param name="show">Called once, with the code, the address and the QR picture's address to show.</param>
        /// <param name="cancellation">Stops waiting.</param>
        /// <param name="scopes">What the game asks for; none where the provider knows none.</param>
        /// <returns>The player's tokens, which the client keeps as well.</returns>
        /// <exception cref="TokenBrokerException">The player declined or took more than five minutes, or there is trouble.</exception>
        public async Task<Tokens> SignInWithDeviceAsync(Action<DevicePrompt> show, CancellationToken cancellation, params string[] scopes)
        {
            if (show is null)
                throw new ArgumentNullException(nameof(show));
            var started = await PostAsync("device_authorization", cancellation, ("client_id", _app), ("scope", string.Join(" ", scopes))).Here();
            var code = Required(started, "device_code");
            show(new DevicePrompt(
                Required(started, "user_code"),
                new Uri(Required(started, "verification_uri")),
                new Uri(Required(started, "verification_uri_complete")),
                new Uri($"{_broker}/device/qr?user_code={Uri.EscapeDataString(Required(started, "user_code"))}"),
                _platform.Now + TimeSpan.FromSeconds(started.Value<double?>("expires_in") ?? 300)));

            var interval = TimeSpan.FromSeconds(started.Value<double?>("interval") ?? 5);
            while (true)
            {
                await _platform.DelayAsync(interval, cancellation).Here();
                try
                {
                    var reply = await PostAsync("token", cancellation, ("grant_type", DeviceGrantType), ("client_id", _app), ("device_code", code)).Here();
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
                catch (TokenBrokerException exception) when (exception.Error == TokenBrokerError.Offline)
                {
                    // RFC 8628 §3.5: what fails on the way is tried again, less often each time; the code says when to end.
                    interval = interval + interval < MaxInterval ? interval + interval : MaxInterval;
                }
            }
        }

        /// <summary>Whether a player is signed in, as far as this client knows.</summary>
        /// <returns>Whether there are tokens that work, or can be renewed.</returns>
        public async Task<bool> IsSignedInAsync()
        {
            var tokens = await LoadAsync().Here();
            return tokens is { } && (!IsStale(tokens) || tokens.RefreshToken is { });
        }

        /// <summary>
        /// The access token, renewed before it ends. Many callers at once cause one renewal; each stops waiting by its own token, and the renewal
        /// goes on for the others.
        /// </summary>
        /// <param name="cancellation">Stops waiting.</param>
        /// <returns>An access token with a minute or more to live, where the provider says how long it lives.</returns>
        /// <exception cref="TokenBrokerException">Nobody is signed in (any more), or there is trouble.</exception>
        public async Task<string> GetAccessTokenAsync(CancellationToken cancellation = default)
        {
            var tokens = await LoadAsync().Here();
            if (tokens is null)
                throw new TokenBrokerException(TokenBrokerError.SignedOut, "signed_out", "Nobody is signed in.");
            if (!IsStale(tokens))
                return tokens.AccessToken;
            if (tokens.RefreshToken is null)
                throw new TokenBrokerException(TokenBrokerError.SignedOut, "signed_out", "The token has expired, and the provider renews none.");
            return (await WaitAsync(RenewOnceAsync(tokens), cancellation).Here()).AccessToken;
        }

        /// <summary>The player's profile, as the provider has it.</summary>
        /// <param name="cancellation">Stops waiting.</param>
        /// <returns>The provider's JSON.</returns>
        /// <exception cref="TokenBrokerException">Nobody is signed in (any more), the provider tells no profiles, or there is trouble.</exception>
        public async Task<JToken> GetUserInfoAsync(CancellationToken cancellation = default)
        {
            var token = await GetAccessTokenAsync(cancellation).Here();
            var url = new Uri($"{_broker}/userinfo?{Form(("app", _app))}");
            return await SendAsync(new BrokerRequest("GET", url, null, token), cancellation).Here();
        }

        /// <summary>Signs out: forgets the tokens, and revokes them where the provider can. What is forgotten stays forgotten, whatever becomes of the rest.</summary>
        /// <param name="cancellation">Stops waiting.</param>
        /// <returns>Done when the broker has been told.</returns>
        /// <exception cref="TokenBrokerException">The broker or the provider could not be told.</exception>
        public async Task SignOutAsync(CancellationToken cancellation = default)
        {
            var tokens = await LoadAsync().Here();
            lock (_lock)
            {
                _tokens = null;
                _renewing = null;
            }
            await _store.SaveAsync(null).Here();
            if (tokens is { })
                await PostAsync("revoke", cancellation, ("client_id", _app), ("token", tokens.RefreshToken ?? tokens.AccessToken)).Here();
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
            var reply = await PostAsync("exchange-code", cancellation, ("access_code", code), ("code_verifier", verifier), ("app", _app)).Here();
            return await KeepAsync(Tokens.Read(reply, "oauth_token", _platform.Now)).Here();
        }

        private Task<Tokens> RenewOnceAsync(Tokens stale)
        {
            TaskCompletionSource<Tokens> renewing;
            lock (_lock)
            {
                if (_tokens is { } current && !ReferenceEquals(current, stale) && !IsStale(current))
                    return Task.FromResult(current);
                if (_renewing is { } underWay)
                    return underWay;
                renewing = new TaskCompletionSource<Tokens>(TaskCreationOptions.RunContinuationsAsynchronously);
                _renewing = renewing.Task;
            }
            _ = RenewAsync(stale, renewing);
            return renewing.Task;
        }

        private async Task RenewAsync(Tokens stale, TaskCompletionSource<Tokens> renewing)
        {
            try
            {
                var reply = await PostAsync(
                    "token", CancellationToken.None, ("grant_type", "refresh_token"), ("client_id", _app), ("refresh_token", stale.RefreshToken!)).Here();
                var renewed = Tokens.Read(reply, "access_token", _platform.Now).Or(stale);
                bool isTheirs;
                lock (_lock)
                    isTheirs = ReferenceEquals(_tokens, stale);
                // Signed out meanwhile, or as somebody else: then this is kept by nobody.
                if (isTheirs)
                    await KeepAsync(renewed).Here();
                End();
                renewing.SetResult(renewed);
            }
            catch (TokenBrokerException exception) when (exception.Error == TokenBrokerError.InvalidCode)
            {
                End();
                renewing.SetException(new TokenBrokerException(TokenBrokerError.SignedOut, exception.Code, "The player must sign in again."));
            }
            catch (Exception exception)
            {
                End();
                renewing.SetException(exception);
            }

            void End()
            {
                lock (_lock)
                {
                    if (_renewing == renewing.Task)
                        _renewing = null;
                }
            }
        }

        private async Task<Tokens?> LoadAsync()
        {
            lock (_lock)
            {
                if (_loaded)
                    return _tokens;
            }
            var stored = await _store.LoadAsync().Here();
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
            await _store.SaveAsync(tokens.ToJson()).Here();
            return tokens;
        }

        private bool IsStale(Tokens tokens) => tokens.ExpiresAt is { } end && _platform.Now >= end - RefreshMargin;

        private async Task<JObject> PostAsync(string path, CancellationToken cancellation, params (string Name, string Value)[] fields) =>
            await SendAsync(new BrokerRequest("POST", new Uri($"{_broker}/{path}"), Form(fields), null), cancellation).Here() as JObject ?? new JObject();

        private async Task<JToken> SendAsync(BrokerRequest request, CancellationToken cancellation)
        {
            var response = await _platform.SendAsync(request, cancellation).Here();
            JToken? json = null;
            try
            {
                json = response.Body.Length == 0 ? new JObject() : JToken.Parse(response.Body);
            }
            catch (Newtonsoft.Json.JsonException)
            {
                // A proxy's page, or a hotel's: no broker answers so.
            }
            if (response.Status >= 200 && response.Status < 300 && json is { })
                return json;
            throw TokenBrokerException.Of(response, json as JObject);
        }

        private static async Task<T> WaitAsync<T>(Task<T> task, CancellationToken cancellation)
        {
            if (!cancellation.CanBeCanceled)
                return await task.Here();
            var cancelled = new TaskCompletionSource<T>();
            using (cancellation.Register(() => cancelled.TrySetCanceled(cancellation)))
                return await (await Task.WhenAny(task, cancelled.Task).Here()).Here();
        }

        private static string Required(JObject json, string name) => json.Value<string>(name) is { Length: > 0 } value
            ? value
            : throw new TokenBrokerException(TokenBrokerError.ProviderTrouble, "server_error", $"The broker's answer lacks '{name}'.");

        private static string Form(params (string Name, string Value)[] fields) => string.Join(
            "&", fields.Where(field => field.Value.Length > 0).Select(field => $"{field.Name}={Uri.EscapeDataString(field.Value)}"));

        private static string Base64Url(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }
}
