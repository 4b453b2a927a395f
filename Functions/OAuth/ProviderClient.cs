using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;
using TokenBroker.Apps;
using TokenBroker.Providers;
using TokenBroker.Secrets;
using TokenBroker.Sessions;

namespace TokenBroker.OAuth;

/// <summary>Speaks to any provider in its dialect. It knows no provider by name.</summary>
public sealed partial class ProviderClient(
    ProviderTransport transport, Discovery discovery, ISecrets secrets, BrokerOptions options, BrokerMetrics metrics, TimeProvider time,
    ILogger<ProviderClient> logger)
{
    /// <summary>Where the player's browser is sent (RFC 6749 §4.1.1, RFC 7636 §4.3).</summary>
    /// <param name="app">The app.</param>
    /// <param name="scopes">What it asks for.</param>
    /// <param name="id">Whose state goes along, and where the provider takes one the challenge of its proof key.</param>
    /// <param name="cancellation">Stops waiting for a provider that has to be discovered first.</param>
    /// <returns>The provider's authorize URL; null while the provider has not been discovered.</returns>
    public async ValueTask<Uri?> AuthorizeUrlAsync(App app, IReadOnlyList<string> scopes, SessionId id, CancellationToken cancellation)
    {
        if (await discovery.ResolveAsync(app, cancellation) is not { Endpoints.Authorization: { } endpoint, Provider: { } provider })
            return null;
        var names = provider.AuthorizeParameters;
        var query = new List<KeyValuePair<string, string?>>(capacity: 8);
        if (names.ResponseType is not null)
            query.Add(new(names.ResponseType, "code"));
        query.Add(new(names.ClientId, app.ClientId));
        if (names.RedirectUri is not null)
            query.Add(new(names.RedirectUri, options.RedirectUri.AbsoluteUri));
        if (scopes.Count > 0)
            query.Add(new(names.Scope, string.Join(provider.ScopeSeparator, scopes)));
        query.Add(new(names.State, id.State));
        if (provider.Pkce)
        {
            query.Add(new("code_challenge", Pkce.Challenge(id.CodeVerifier)));
            query.Add(new("code_challenge_method", Pkce.Method));
        }
        foreach (var (name, value) in provider.ExtraAuthorizeParameters)
            query.Add(new(name, value));
        return new(QueryHelpers.AddQueryString(endpoint.AbsoluteUri, query));
    }

    /// <summary>
    /// Whether a callback's <c>iss</c> is the app's provider (RFC 9207 §2.4): it must be where it is sent or promised, so that no provider
    /// can pass another's code off as its own.
    /// </summary>
    /// <returns>Whether it is; null while the provider has not been discovered.</returns>
    internal async ValueTask<bool?> IsIssuerAsync(App app, string? issuer, CancellationToken cancellation) =>
        await discovery.ResolveAsync(app, cancellation) is not { } resolved ? null
        : issuer is null ? !resolved.SendsIssuer
        : resolved.Issuer is not null ? issuer == resolved.Issuer
        // No issuer is known: then it must at least be a name of a host that the app is configured to talk to.
        : Uri.TryCreate(issuer, UriKind.Absolute, out var url) && (url.Host == resolved.Endpoints!.Authorization.Host || url.Host == resolved.Endpoints.Token.Host);

    /// <summary>Exchanges a code (RFC 6749 §4.1.3). A code is single-use, so the only repetition is after a refused client, which spends none, and with another secret.</summary>
    /// <param name="app">The app.</param>
    /// <param name="code">The provider's code.</param>
    /// <param name="id">Whose proof key goes along where the provider takes one.</param>
    /// <param name="scopes">What was asked for.</param>
    /// <returns>The tokens, or why there are none.</returns>
    public Task<TokenResult> ExchangeAsync(App app, string code, SessionId id, IReadOnlyList<string> scopes) =>
        RequestTokenAsync(app, provider =>
        {
            var fields = new Dictionary<string, string>
            {
                ["grant_type"] = "authorization_code",
                ["code"] = code,
                ["redirect_uri"] = options.RedirectUri.AbsoluteUri,
            };
            if (provider.Pkce)
                fields["code_verifier"] = id.CodeVerifier;
            if (provider.ScopeInTokenRequest && scopes.Count > 0)
                fields["scope"] = string.Join(provider.ScopeSeparator, scopes);
            return fields;
        });

    /// <summary>Refreshes (RFC 6749 §6). The reply holds the refresh token to use next: the old one where the provider gives no new one.</summary>
    /// <param name="app">The app.</param>
    /// <param name="refreshToken">The provider's refresh token.</param>
    /// <param name="scopes">What is asked for.</param>
    /// <param name="narrowed">Whether that is less than was granted; all is asked for only where the provider wants to hear it.</param>
    /// <returns>The tokens, or why there are none.</returns>
    internal async Task<TokenResult> RefreshAsync(App app, string refreshToken, IReadOnlyList<string> scopes, bool narrowed)
    {
        var result = await RequestTokenAsync(app, provider =>
        {
            var fields = new Dictionary<string, string> { ["grant_type"] = "refresh_token", ["refresh_token"] = refreshToken };
            if ((narrowed || provider.ScopeInTokenRequest) && scopes.Count > 0)
                fields["scope"] = string.Join(provider.ScopeSeparator, scopes);
            return fields;
        });
        return result.Token is { RefreshToken: null } token ? TokenResult.Success(token with { RefreshToken = refreshToken }) : result;
    }

    /// <summary>Revokes a token (RFC 7009 §2.1), where the provider has an endpoint for it.</summary>
    /// <returns>Why it must be tried again; null when it is done, or there was nothing to do.</returns>
    internal async Task<OAuthError?> RevokeAsync(App named, string token, bool isRefreshToken)
    {
        using var limit = transport.NewLimit();
        if (await discovery.ResolveAsync(named, limit.Token) is not { } app)
            return OAuthError.RevocationUnavailable;
        if (app.Endpoints!.Revocation is not { } endpoint)
            return null;
        var fields = new Dictionary<string, string> { ["token"] = token, ["token_type_hint"] = isRefreshToken ? "refresh_token" : "access_token" };
        var secret = await secrets.ClientSecretAsync(app, limit.Token);
        var error = await SendAsync(secret);
        if (error == OAuthError.ProviderRefusedClient && await secrets.RereadClientSecretAsync(app, secret, limit.Token) is { } another)
            error = await SendAsync(another);
        if (error is not null)
            Log.Refused(logger, app.Name, "revocation", error.Error, error.Status);
        return error;

        async Task<OAuthError?> SendAsync(string clientSecret)
        {
            var request = new HttpRequestMessage(HttpMethod.Post, endpoint);
            ClientAuthentication.Apply(app.Provider.ClientAuthentication, app.ClientId, clientSecret, request.Headers, fields);
            // A form whatever the token endpoint takes: RFC 7009 §2.1 knows nothing else.
            request.Content = new FormUrlEncodedContent(fields);
            var reply = await transport.SendAsync(app, request, limit.Token);
            if (reply.Status is >= 200 and < 300)
                return null;
            if (reply.Status is 401 or 403)
                return OAuthError.ProviderRefusedClient;
            if (reply.Status != 400)
                return OAuthError.RevocationUnavailable;
            if (TokenReplyParser.ErrorCode(reply.Body) == OAuthError.UnsupportedTokenType.Error)
                return OAuthError.UnsupportedTokenType;
            // Where the client is not to blame the provider knows no such token, and that is what was asked for.
            var refused = TokenReplyParser.Parse(HttpStatusCode.BadRequest, reply.Body, app.Provider, time.GetUtcNow()).Error;
            return refused == OAuthError.ProviderRefusedClient ? refused : null;
        }
    }

    /// <summary>Reads the player's profile.</summary>
    /// <returns>The provider's JSON, or why there is none; null when the provider has no user endpoint.</returns>
    internal async Task<(byte[]? Json, OAuthError? Error)?> UserInfoAsync(App app, string accessToken, CancellationToken cancellation)
    {
        if (await discovery.ResolveAsync(app, cancellation) is not { Endpoints: { } endpoints } resolved)
            return (null, OAuthError.ProviderTrouble);
        if (endpoints.UserInfo is not { } endpoint)
            return null;
        var url = new Uri(QueryHelpers.AddQueryString(
            endpoint.AbsoluteUri, resolved.Provider.UserInfoParameters.Select(pair => new KeyValuePair<string, string?>(pair.Key, pair.Value))));
        var reply = await transport.GetAsync(resolved, url, accessToken, cancellation);
        return (HttpStatusCode)reply.Status switch
        {
            HttpStatusCode.OK when IsJson(reply.Body) => (reply.Body, null),
            // Nothing in the request but the token can be wrong; Facebook says 400: https://developers.facebook.com/docs/graph-api/guides/error-handling
            HttpStatusCode.Unauthorized or HttpStatusCode.BadRequest => (null, OAuthError.InvalidToken),
            HttpStatusCode.Forbidden => (null, OAuthError.InsufficientScope),
            HttpStatusCode.GatewayTimeout => (null, OAuthError.ProviderTimeout),
            _ => (null, OAuthError.ProviderTrouble),
        };
    }

    private async Task<TokenResult> RequestTokenAsync(App named, Func<Provider, Dictionary<string, string>> write)
    {
        // The player waits, and the code must not be spent in vain: neither a closed browser nor a game that gave up ends this early.
        using var limit = transport.NewLimit();
        var started = time.GetTimestamp();
        if (await discovery.ResolveAsync(named, limit.Token) is not { } app)
            return TokenResult.Failure(OAuthError.ProviderTrouble);

        var fields = write(app.Provider);
        var secret = await secrets.ClientSecretAsync(app, limit.Token);
        var result = await SendAsync(app, fields, secret, limit.Token);
        if (result.MayBeSecret && await secrets.RereadClientSecretAsync(app, secret, limit.Token) is { } another)
            result = await SendAsync(app, fields, another, limit.Token);

        metrics.ProviderCall(app.Provider.Name, result.Error?.Error ?? "ok", time.GetElapsedTime(started));
        if (result.Error is { } error)
            Log.Refused(logger, app.Name, fields["grant_type"], error.Error, error.Status);
        return result;
    }

    private async Task<TokenResult> SendAsync(App app, Dictionary<string, string> fields, string secret, CancellationToken limit)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, app.Endpoints!.Token);
        ClientAuthentication.Apply(app.Provider.ClientAuthentication, app.ClientId, secret, request.Headers, fields);
        request.Content = Body(app.Provider.BodyFormat, fields);
        var reply = await transport.SendAsync(app, request, limit);
        return reply.Status == (int)HttpStatusCode.GatewayTimeout
            ? TokenResult.Failure(OAuthError.ProviderTimeout)
            : TokenReplyParser.Parse((HttpStatusCode)reply.Status, reply.Body, app.Provider, time.GetUtcNow());
    }

    private static HttpContent Body(BodyFormat format, Dictionary<string, string> fields)
    {
        switch (format)
        {
            case BodyFormat.Form:
                return new FormUrlEncodedContent(fields);
            case BodyFormat.Json:
                return new StringContent(
                    JsonSerializer.Serialize(fields, JsonText.Default.IDictionaryStringString), Encoding.UTF8, "application/json");
            case BodyFormat.Multipart:
                var parts = new MultipartFormDataContent();
                foreach (var (name, value) in fields)
                    parts.Add(new ByteArrayContent(Encoding.UTF8.GetBytes(value)), $"\"{name}\"");
                return parts;
            default:
                throw new UnreachableException();
        }
    }

    private static bool IsJson(byte[] body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.ValueKind is JsonValueKind.Object or JsonValueKind.Array;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The provider of app {App} gave no token for {GrantType}: {Error} ({Status})")]
        public static partial void Refused(ILogger logger, string app, string grantType, string error, int status);
    }
}
