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
        private Tokens(string accessToken, string? tokenType, DateTimeOffset? expiresAt, string? refreshToken, string? scope,
            JObject? extra)
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
            Json.Text(json, accessTokenName)
                ?? throw new TokenBrokerException(TokenBrokerError.ProviderTrouble, "server_error", "The broker's answer has no token."),
            Json.Text(json, "token_type"),
            Json.Number(json, "expires_in") is { } seconds ? now.AddSeconds(seconds) : (DateTimeOffset?)null,
            Json.Text(json, "refresh_token"),
            Json.Text(json, "scope"),
            json["extra"] as JObject);

        /// <summary>Reads what <see cref="ToJson"/> wrote; null when it is anything else.</summary>
        internal static Tokens? Parse(string text)
        {
            if (!(Json.Parse(text) is JObject json) || !(Json.Text(json, "access_token") is { Length: > 0 } token))
                return null;
            var end = DateTimeOffset.TryParse(
                Json.Text(json, "expires_at"), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var time)
                ? time
                : (DateTimeOffset?)null;
            return new Tokens(token, Json.Text(json, "token_type"), end, Json.Text(json, "refresh_token"), Json.Text(json, "scope"),
                json["extra"] as JObject);
        }

        /// <summary>These, and from older ones what a refresh does not repeat.</summary>
        internal Tokens Or(Tokens older) => new Tokens(
            AccessToken, TokenType ?? older.TokenType, ExpiresAt, RefreshToken ?? older.RefreshToken, Scope ?? older.Scope, Extra
                ?? older.Extra);

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
