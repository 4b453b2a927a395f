#nullable enable
using System;
using System.Globalization;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace TokenBroker.Client
{
    /// <summary>A player's tokens.</summary>
    public sealed class Tokens
    {
        private Tokens(string accessToken, string? tokenType, DateTimeOffset? expiresAt, string? refreshToken, string? scope, JObject? extra)
        {
            AccessToken = accessToken;
            TokenType = tokenType;
            ExpiresAt = expiresAt;
            RefreshToken = refreshToken;
            Scope = scope;
            Extra = extra;
        }

        /// <summary>The access token. A secret.</summary>
        public string AccessToken { get; }

        /// <summary>Its type; null when the provider said none.</summary>
        public string? TokenType { get; }

        /// <summary>When it ends, by this machine's clock; null when the provider said nothing of it.</summary>
        public DateTimeOffset? ExpiresAt { get; }

        /// <summary>The sealed refresh token, of use through the broker alone; null where there is none. A secret.</summary>
        public string? RefreshToken { get; }

        /// <summary>What was granted, space-separated; null when the provider said nothing of it.</summary>
        public string? Scope { get; }

        /// <summary>Members of the provider's own; null without any.</summary>
        public JObject? Extra { get; }

        /// <summary>Shows nothing of the tokens.</summary>
        /// <returns>A fixed word.</returns>
        public override string ToString() => nameof(Tokens);

        internal static Tokens Read(JObject json, string accessTokenName, DateTimeOffset now) => new Tokens(
            json.Value<string>(accessTokenName) ?? throw new TokenBrokerException(TokenBrokerError.ProviderTrouble, "server_error", "The broker's answer has no token."),
            json.Value<string>("token_type"),
            json.Value<double?>("expires_in") is { } seconds ? now.AddSeconds(seconds) : (DateTimeOffset?)null,
            json.Value<string>("refresh_token"),
            json.Value<string>("scope"),
            json["extra"] as JObject);

        /// <summary>Reads what <see cref="ToJson"/> wrote; null when it is anything else.</summary>
        internal static Tokens? Parse(string text)
        {
            try
            {
                // Dates stay text: the reader would turn them into local times.
                using var reader = new JsonTextReader(new System.IO.StringReader(text)) { DateParseHandling = DateParseHandling.None };
                var json = JObject.Load(reader);
                var end = json.Value<string>("expires_at");
                return json.Value<string>("access_token") is { Length: > 0 } token
                    ? new Tokens(
                        token,
                        json.Value<string>("token_type"),
                        end is null ? (DateTimeOffset?)null : DateTimeOffset.Parse(end, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind),
                        json.Value<string>("refresh_token"),
                        json.Value<string>("scope"),
                        json["extra"] as JObject)
                    : null;
            }
            catch (Exception exception) when (exception is JsonException || exception is FormatException || exception is InvalidCastException)
            {
                return null;
            }
        }

        /// <summary>These, and from older ones what a renewal does not repeat.</summary>
        internal Tokens Or(Tokens older) => new Tokens(
            AccessToken, TokenType ?? older.TokenType, ExpiresAt, RefreshToken ?? older.RefreshToken, Scope ?? older.Scope, Extra ?? older.Extra);

        internal string ToJson() => new JObject
        {
            ["access_token"] = AccessToken,
            ["token_type"] = TokenType,
            ["expires_at"] = ExpiresAt?.ToString("O", CultureInfo.InvariantCulture),
            ["refresh_token"] = RefreshToken,
            ["scope"] = Scope,
            ["extra"] = Extra,
        }.ToString(Formatting.None);
    }
}
