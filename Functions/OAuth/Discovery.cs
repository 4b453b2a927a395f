using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TokenBroker.Apps;
using TokenBroker.Providers;

namespace TokenBroker.OAuth;

/// <summary>
/// Endpoints and capabilities of providers that describe themselves (OpenID Connect Discovery 1.0, RFC 8414). Read at start and every
/// hour; what was read once stays good while the provider is down.
/// </summary>
public sealed partial class Discovery(AppCatalog apps, ProviderTransport transport, TimeProvider time, ILogger<Discovery> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>Until every provider has answered once.</summary>
    private static readonly TimeSpan ImpatientInterval = TimeSpan.FromMinutes(1);

    /// <summary>How long a failure is remembered, so that players do not ask a provider that is down one by one.</summary>
    private static readonly TimeSpan FailureMemory = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, App> _resolved = new();
    private readonly ConcurrentDictionary<string, Lazy<Task<App?>>> _asking = new();
    private readonly ConcurrentDictionary<string, DateTimeOffset> _failures = new();

    /// <summary>Whether every app's endpoints are known.</summary>
    internal bool IsComplete => apps.All.All(app => app.Endpoints is not null || _resolved.ContainsKey(app.Name));

    /// <summary>The app with its endpoints.</summary>
    /// <param name="app">An app.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <returns>The same app where nothing has to be discovered; null while its provider has not answered.</returns>
    internal async ValueTask<App?> ResolveAsync(App app, CancellationToken cancellation) =>
        app.Endpoints is not null ? app
        : _resolved.TryGetValue(app.Name, out var resolved) ? resolved
        : time.GetUtcNow() < _failures.GetValueOrDefault(app.Name, DateTimeOffset.MinValue) + FailureMemory ? null
        : await AskAsync(app).WaitAsync(cancellation);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var described = apps.All.Where(app => app.Endpoints is null).ToList();
        while (described.Count > 0)
        {
            await Task.WhenAll(described.Select(AskAsync)).WaitAsync(stoppingToken);
            await Task.Delay(IsComplete ? Interval : ImpatientInterval, time, stoppingToken);
        }
    }

    /// <summary>Asks the provider, once for all who want to know meanwhile.</summary>
    private async Task<App?> AskAsync(App app)
    {
        try
        {
            return await _asking.GetOrAdd(app.Name, _ => new(() => DiscoverAsync(app))).Value;
        }
        finally
        {
            _asking.TryRemove(app.Name, out _);
        }
    }

    private async Task<App?> DiscoverAsync(App app)
    {
        // OpenID Connect Discovery §4: the path is appended to the issuer, whose own path stays.
        var url = new Uri($"{app.Issuer!.TrimEnd('/')}/.well-known/openid-configuration");
        var reply = await transport.GetAsync(app, url, bearer: null, CancellationToken.None);
        if (reply.Status != 200 || Parse(reply.Body) is not { } document || Resolve(app, document) is not { } resolved)
        {
            _failures[app.Name] = time.GetUtcNow();
            Log.Failed(logger, app.Name, reply.Status);
            return null;
        }
        return _resolved[app.Name] = resolved;
    }

    private static DiscoveryDocument? Parse(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, DiscoveryJson.Default.DiscoveryDocument);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static App? Resolve(App app, DiscoveryDocument document)
    {
        // §4.3: the issuer must be the very one that was asked, or one provider could speak for another.
        if (document.Issuer != app.Issuer || (app.Overrides.Authorization ?? Endpoint(document.AuthorizationEndpoint)) is not { } authorization ||
            (app.Overrides.Token ?? Endpoint(document.TokenEndpoint)) is not { } token)
        {
            return null;
        }
        return app with
        {
            Endpoints = new(
                authorization,
                token,
                app.Overrides.Revocation ?? Endpoint(document.RevocationEndpoint),
                app.Overrides.UserInfo ?? Endpoint(document.UserInfoEndpoint)),
            SendsIssuer = document.SendsIssuer,
            Provider = app.Provider with
            {
                Pkce = document.CodeChallengeMethods?.Contains(Pkce.Method) == true,
                // §3: without a list, the method is client_secret_basic.
                ClientAuthentication = document.ClientAuthenticationMethods?.Contains("client_secret_basic") != false
                    ? ClientAuthenticationStyle.Basic
                    : ClientAuthenticationStyle.Post,
            },
        };

        // A provider elsewhere must not name endpoints on this machine: only one that is here itself may.
        Uri? Endpoint(string? text) =>
            Uri.TryCreate(text, UriKind.Absolute, out var url) && url is { UserInfo.Length: 0, Fragment.Length: 0 } &&
            (url.IsLoopback ? url.Scheme is "http" or "https" && (app.AllowPrivateNetwork || new Uri(app.Issuer!).IsLoopback) : url.Scheme == "https")
                ? url
                : null;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The provider of app {App} could not be discovered ({Status})")]
        public static partial void Failed(ILogger logger, string app, int status);
    }
}

/// <summary>What the broker reads of a discovery document.</summary>
internal sealed record DiscoveryDocument(
    [property: JsonPropertyName("issuer")] string? Issuer,
    [property: JsonPropertyName("authorization_endpoint")] string? AuthorizationEndpoint,
    [property: JsonPropertyName("token_endpoint")] string? TokenEndpoint,
    [property: JsonPropertyName("revocation_endpoint")] string? RevocationEndpoint,
    [property: JsonPropertyName("userinfo_endpoint")] string? UserInfoEndpoint,
    [property: JsonPropertyName("code_challenge_methods_supported")] IReadOnlyList<string>? CodeChallengeMethods,
    [property: JsonPropertyName("token_endpoint_auth_methods_supported")] IReadOnlyList<string>? ClientAuthenticationMethods,
    [property: JsonPropertyName("authorization_response_iss_parameter_supported")] bool SendsIssuer = false);

[JsonSerializable(typeof(DiscoveryDocument))]
internal sealed partial class DiscoveryJson : JsonSerializerContext;
