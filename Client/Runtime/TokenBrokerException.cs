#nullable enable
using System;
using Newtonsoft.Json.Linq;

namespace TokenBroker.Client
{
    /// <summary>What can be expected to go wrong, by what a game does about it.</summary>
    public enum TokenBrokerError
    {
        /// <summary>The player said no. Offer to begin again.</summary>
        Declined,

        /// <summary>The sign-in took more than five minutes. Begin again.</summary>
        Expired,

        /// <summary>The code is unknown, expired or used. Let the player look at it again, or begin again.</summary>
        InvalidCode,

        /// <summary>Too many wrong codes came from this network. Wait as <see cref="TokenBrokerException.RetryAfter"/> says.</summary>
        TooManyAttempts,

        /// <summary>
        /// The broker cannot be reached, or is out of order for a moment. What the game holds is still good: try again later.
        /// </summary>
        Offline,

        /// <summary>The provider is out of order. Try again later; a sign-in that was under way begins again.</summary>
        ProviderTrouble,

        /// <summary>Nobody is signed in, or the provider no longer accepts the player's tokens. Sign in.</summary>
        SignedOut,

        /// <summary>The game asks for something wrong: its name, its scopes, a call the provider does not know. For its makers.</summary>
        Misconfigured,
    }

    /// <summary>An expected failure.</summary>
    public sealed class TokenBrokerException : Exception
    {
        internal TokenBrokerException(TokenBrokerError error, string code, string message, TimeSpan? retryAfter = null,
            Exception? inner = null)
            : base(message, inner)
        {
            Error = error;
            Code = code;
            RetryAfter = retryAfter;
        }

        /// <summary>What it is to the game.</summary>
        public TokenBrokerError Error { get; }

        /// <summary>The broker's error code (RFC 6749 §5.2, RFC 8628 §3.5), for logs.</summary>
        public string Code { get; }

        /// <summary>How long to wait; null when the broker did not say.</summary>
        public TimeSpan? RetryAfter { get; }

        internal static TokenBrokerException Unreachable(Exception cause) =>
            new TokenBrokerException(TokenBrokerError.Offline, "offline", "The broker cannot be reached.", inner: cause);

        internal static TokenBrokerException Of(BrokerResponse response, JObject? json)
        {
            var code = json is null ? null : Json.Text(json, "error");
            var error = (code, response.Status) switch
            {
                ("access_denied", _) => TokenBrokerError.Declined,
                ("expired_token", _) => TokenBrokerError.Expired,
                ("invalid_grant", _) => TokenBrokerError.InvalidCode,
                (_, 429) => TokenBrokerError.TooManyAttempts,
                ("invalid_token", _) => TokenBrokerError.SignedOut,
                ("temporarily_unavailable", 502) or ("temporarily_unavailable", 504) => TokenBrokerError.ProviderTrouble,
                ("server_error", _) => TokenBrokerError.ProviderTrouble,
                // Neither the broker's words nor its status: something on the way answered.
                (null, _) or (_, 503) => TokenBrokerError.Offline,
                _ => TokenBrokerError.Misconfigured,
            };
            return new TokenBrokerException(
                error, code ?? "offline", (json is null ? null : Json.Text(json, "error_description"))
                    ?? $"The broker's place answers with status {response.Status}.", response.RetryAfter);
        }
    }
}
