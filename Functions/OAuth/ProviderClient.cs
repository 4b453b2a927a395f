using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;
using TokenBroker.Apps;
using TokenBroker.Providers;
using TokenBroker.Secrets;

namespace TokenBroker.OAuth;

/// <summary>Speaks to any provider in its dialect. It knows no provider by name.</summary>
public sealed partial class ProviderClient(
    IHttpClientFactory clients, ISecrets secrets, BrokerOptions options, BrokerMetrics metrics, TimeProvider time, ILogger<ProviderClient> logger)
{
    /// <summary>The name of the client made by <see cref="IHttpClientFactory"/>.</summary>
    public const string HttpClientName = "provider";

    /// <summary>The longest to wait for a connection.</summary>
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(3);

    /// <summary>The longest a whole call may take.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>The largest reply that is read, in bytes.</summary>
    public const int MaxReplyLength = 1024 * 1024;

    /// <summary>Where the player's browser is sent (RFC 6749 §4.1.1, RFC 7636 §4.3).</summary>
    /// <param name="app">The app.</param>
    /// <param name="scopes">What it asks for.</param>
    /// <param name="state">The state to come back.</param>
    /// <param name="verifier">The proof key's verifier, whose challenge goes along where the provider takes one.</param>
    /// <returns>The provider's authorize URL.</returns>
    public Uri AuthorizeUrl(App app, IReadOnlyList<string> scopes, string state, string verifier)
    {
        var provider = app.Provider;
        var names = provider.AuthorizeParameters;
        var query = new List<KeyValuePair<string, string?>>();
        if (names.ResponseType is not null)
            query.Add(new(names.ResponseType, "code"));
        query.Add(new(names.ClientId, app.ClientId));
        if (names.RedirectUri is not null)
            query.Add(new(names.RedirectUri, options.RedirectUri.AbsoluteUri));
        if (scopes.Count > 0)
            query.Add(new(names.Scope, string.Join(provider.ScopeSeparator, scopes)));
        query.Add(new(names.State, state));
        if (provider.Pkce)
        {
            query.Add(new("code_challenge", Pkce.Challenge(verifier)));
            query.Add(new("code_challenge_method", Pkce.Method));
        }
        query.AddRange(provider.ExtraAuthorizeParameters.Select(extra => new KeyValuePair<string, string?>(extra.Key, extra.Value)));
        return new(QueryHelpers.AddQueryString(app.AuthorizationEndpoint.AbsoluteUri, query));
    }

    /// <summary>Exchanges a code (RFC 6749 §4.1.3). A code is single-use, so the only repetition is after <c>invalid_client</c>, which spends none.</summary>
    /// <param name="app">The app.</param>
    /// <param name="code">The provider's code.</param>
    /// <param name="verifier">The proof key's verifier.</param>
    /// <param name="scopes">What was asked for.</param>
    /// <returns>The tokens, or why there are none.</returns>
    public Task<TokenResult> ExchangeAsync(App app, string code, string verifier, IReadOnlyList<string> scopes)
    {
        var fields = new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["code"] = code,
            ["redirect_uri"] = options.RedirectUri.AbsoluteUri,
        };
        if (app.Provider.Pkce)
            fields["code_verifier"] = verifier;
        if (app.Provider.ScopeInTokenRequest && scopes.Count > 0)
            fields["scope"] = string.Join(app.Provider.ScopeSeparator, scopes);
        return RequestTokenAsync(app, fields);
    }

    private async Task<TokenResult> RequestTokenAsync(App app, Dictionary<string, string> fields)
    {
        // The player waits, and the code must not be spent in vain: neither a closed browser nor a game that gave up ends this early.
        using var limit = new CancellationTokenSource(Timeout, time);
        var started = time.GetTimestamp();
        var secret = await secrets.ClientSecretAsync(app, limit.Token);
        var result = await SendAsync(app, fields, secret, limit.Token);
        if (result.ProviderError == "invalid_client" && await secrets.RereadClientSecretAsync(app, secret, limit.Token) is { } another)
            result = await SendAsync(app, fields, another, limit.Token);

        var outcome = result.Error?.Error ?? "ok";
        metrics.ProviderCall(app.Provider.Name, outcome, time.GetElapsedTime(started));
        if (result.Error is { } error)
            Log.Refused(logger, app.Name, fields["grant_type"], error.Error, error.Status);
        return result;
    }

    private async Task<TokenResult> SendAsync(App app, Dictionary<string, string> fields, string secret, CancellationToken limit)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, app.TokenEndpoint);
        request.Headers.Accept.ParseAdd("application/json");
        var body = new Dictionary<string, string>(fields);
        ClientAuthentication.Apply(app.Provider.ClientAuthentication, app.ClientId, secret, request.Headers, body);
        request.Content = Body(app.Provider.BodyFormat, body);
        try
        {
            using var client = clients.CreateClient(HttpClientName);
            using var response = await client.SendAsync(request, limit);
            var reply = await response.Content.ReadAsByteArrayAsync(limit);
            return TokenReplyParser.Parse(response.StatusCode, reply, app.Provider, time.GetUtcNow());
        }
        catch (HttpRequestException)
        {
            return TokenResult.Failure(OAuthError.ProviderTrouble);
        }
        catch (OperationCanceledException)
        {
            return TokenResult.Failure(OAuthError.ProviderTimeout);
        }
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
                    parts.Add(new ByteArrayContent(Encoding.UTF8.GetBytes(value)), name);
                return parts;
            default:
                throw new UnreachableException();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The provider of app {App} gave no token for {GrantType}: {Error} ({Status})")]
        public static partial void Refused(ILogger logger, string app, string grantType, string error, int status);
    }
}
