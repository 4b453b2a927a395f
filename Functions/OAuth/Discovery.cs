using System.Collections.Concurrent;

namespace TokenBroker.OAuth;

/// <summary>
/// Endpoints and capabilities of providers that describe themselves (OpenID Connect Discovery 1.0, RFC 8414). They are read at start and
/// every hour; what was read once stays in use while the provider is down.
/// </summary>
public sealed class Discovery(AppCatalog apps, ProviderHttp http, TimeProvider time, ILogger<Discovery> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>Until every provider has answered once.</summary>
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMinutes(1);

    /// <summary>How long a failure is remembered, so that not every player asks a provider that is down.</summary>
    private static readonly TimeSpan FailureMemory = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, Registration> _discovered = new();
    private readonly ConcurrentDictionary<string, Lazy<Task<Registration?>>> _requests = new();
    private readonly ConcurrentDictionary<string, DateTimeOffset> _failures = new();

    /// <summary>Whether every registration's endpoints are known.</summary>
    internal bool IsComplete =>
        apps.Registrations.All(registration => !registration.Provider.Discovery || _discovered.ContainsKey(registration.Id));

    /// <summary>The registration with its endpoints.</summary>
    /// <param name="registration">A registration.</param>
    /// <param name="cancellation">Ends the wait for the provider.</param>
    /// <returns>The same registration where nothing has to be discovered; null while its provider has not answered.</returns>
    internal async ValueTask<Registration?> ResolveAsync(Registration registration, CancellationToken cancellation)
    {
        if (!registration.Provider.Discovery)
            return registration;
        if (_discovered.TryGetValue(registration.Id, out var discovered))
            return discovered;
        if (_failures.TryGetValue(registration.Id, out var failedAt) && time.GetUtcNow() < failedAt + FailureMemory)
            return null;
        return await RequestAsync(registration).WaitAsync(cancellation);
    }

    /// <summary>
    /// Whether a callback's <c>iss</c> is the registration's provider (RFC 9207 §2.4), so that no provider can pass another's code off as
    /// its own.
    /// It must be there where the provider promises it.
    /// </summary>
    internal async ValueTask<IssuerCheck> CheckIssuerAsync(Registration registration, string? issuer, CancellationToken cancellation)
    {
        if (await ResolveAsync(registration, cancellation) is not { } resolved)
            return IssuerCheck.Unknown;
        var isExpected = issuer is null ? !resolved.SendsIssuer
            : resolved.Issuer is { } expected && !expected.Contains(Provider.TenantId, StringComparison.Ordinal) ? issuer == expected
            : IsHostOf(resolved.Endpoints, issuer);
        return isExpected ? IssuerCheck.Match : IssuerCheck.Mismatch;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var described = apps.Registrations.Where(registration => registration.Provider.Discovery).ToList();
        while (described.Count > 0)
        {
            await Task.WhenAll(described.Select(RequestAsync)).WaitAsync(stoppingToken);
            await Task.Delay(IsComplete ? Interval : RetryInterval, time, stoppingToken);
        }
    }

    /// <summary>
    /// Where no issuer is known, <c>iss</c> must at least have the host of an endpoint that the app is configured to talk to.
    /// </summary>
    private static bool IsHostOf(ProviderEndpoints endpoints, string issuer) =>
        Uri.TryCreate(issuer, UriKind.Absolute, out var url) &&
            (url.Host == endpoints.Authorization!.Host || url.Host == endpoints.Token!.Host);

    /// <summary>Asks the provider, once for all who wait for it.</summary>
    private async Task<Registration?> RequestAsync(Registration registration)
    {
        try
        {
            return await _requests.GetOrAdd(registration.Id, _ => new(() => DiscoverAsync(registration))).Value;
        }
        finally
        {
            _requests.TryRemove(registration.Id, out _);
        }
    }

    private async Task<Registration?> DiscoverAsync(Registration registration)
    {
        // OpenID Connect Discovery §4: the path is appended to the issuer, whose own path stays.
        var url = new Uri($"{registration.Issuer!.TrimEnd('/')}/.well-known/openid-configuration");
        var reply = await http.GetAsync(registration, url, bearerToken: null, CancellationToken.None);
        var discovered = reply.Status == 200 ? Read(reply.Body, registration) : null;
        if (discovered is null)
        {
            _failures[registration.Id] = time.GetUtcNow();
            ProviderCallLog.Failed(logger, registration, ProviderCall.Discovery, url, ProviderFailure.Trouble, reply);
            return null;
        }
        _discovered[registration.Id] = discovered;
        return discovered;
    }

    /// <summary>The registration with what its provider's document says; null where that is of no use.</summary>
    internal static Registration? Read(byte[] body, Registration registration) =>
        Parse(body) is { } document ? Apply(document, registration) : null;

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

    /// <summary>
    /// The registration with what the document says; null where the document is another issuer's, or names no usable endpoint.
    /// </summary>
    private static Registration? Apply(DiscoveryDocument document, Registration registration)
    {
        var endpoints = new ProviderEndpoints(
            registration.Endpoints.Authorization ?? Endpoint(document.AuthorizationEndpoint),
            registration.Endpoints.Token ?? Endpoint(document.TokenEndpoint),
            registration.Endpoints.Revocation ?? Endpoint(document.RevocationEndpoint),
            registration.Endpoints.UserInfo ?? Endpoint(document.UserInfoEndpoint),
            registration.Endpoints.Jwks ?? Endpoint(document.JwksUri));
        // §4.3: the issuer must be the very one that was asked, or one provider could speak for another.
        if (document.Issuer != registration.Issuer || endpoints.Authorization is null || endpoints.Token is null)
            return null;

        // §3: without a list, the method is client_secret_basic.
        var takesBasic = document.ClientAuthenticationMethods?.Contains("client_secret_basic") ?? true;
        return registration with
        {
            Endpoints = endpoints,
            SendsIssuer = document.SendsIssuer,
            Provider = registration.Provider with
            {
                Pkce = document.CodeChallengeMethods?.Contains(Pkce.Method) == true,
                ClientAuthentication = takesBasic ? ClientAuthenticationStyle.Basic : ClientAuthenticationStyle.Post,
            },
        };

        Uri? Endpoint(string? text)
        {
            if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url is not { UserInfo.Length: 0, Fragment.Length: 0 })
                return null;
            if (!url.IsLoopback)
                return url.Scheme == "https" ? url : null;
            // A provider elsewhere must not name endpoints on this machine; only one that is here itself may.
            var mayBeHere = registration.AllowPrivateNetwork || new Uri(registration.Issuer!).IsLoopback;
            return mayBeHere && url.Scheme is "http" or "https" ? url : null;
        }
    }
}

/// <summary>Whether a callback's <c>iss</c> is the registration's provider (RFC 9207).</summary>
internal enum IssuerCheck
{
    /// <summary>It is, or none is needed.</summary>
    Match,

    /// <summary>It is another's, or it is missing where the provider sends one.</summary>
    Mismatch,

    /// <summary>The provider has not been discovered.</summary>
    Unknown,
}

/// <summary>What the broker reads of a discovery document.</summary>
internal sealed record DiscoveryDocument(
    [property: JsonPropertyName("issuer")] string? Issuer,
    [property: JsonPropertyName("authorization_endpoint")] string? AuthorizationEndpoint,
    [property: JsonPropertyName("token_endpoint")] string? TokenEndpoint,
    [property: JsonPropertyName("revocation_endpoint")] string? RevocationEndpoint,
    [property: JsonPropertyName("userinfo_endpoint")] string? UserInfoEndpoint,
    [property: JsonPropertyName("jwks_uri")] string? JwksUri,
    [property: JsonPropertyName("code_challenge_methods_supported")] IReadOnlyList<string>? CodeChallengeMethods,
    [property: JsonPropertyName("token_endpoint_auth_methods_supported")] IReadOnlyList<string>? ClientAuthenticationMethods,
    [property: JsonPropertyName("authorization_response_iss_parameter_supported")] bool SendsIssuer = false);

[JsonSerializable(typeof(DiscoveryDocument))]
internal sealed partial class DiscoveryJson : JsonSerializerContext;
