using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;

namespace TokenBroker.Local.Emulators;

/// <summary>
/// A provider on a loopback port of its own: a login and consent page, and a token endpoint that refuses what the real one refuses.
/// What a dialect does its own way is left to the class derived from this.
/// </summary>
internal abstract class EmulatedProvider : IAsyncDisposable
{
    private readonly Tokens _tickets = new();
    private readonly ConcurrentDictionary<string, Authorization> _codes = new();
    private const string Loopback = "127.0.0.1";
    private int _calls;
    private string _clientSecret = RandomNumberGenerator.GetHexString(40, lowercase: true);
    private WebApplication? _app;

    /// <summary>The name of the provider's entry, and of the one app registered at it.</summary>
    public abstract string Name { get; }

    /// <summary>The client id of the app that is registered here alone.</summary>
    public string ClientId => $"{Name}-client-id";

    /// <summary>The client id of the app that lets its players choose among providers.</summary>
    public string ArcadeClientId => $"arcade-{Name}-client-id";

    /// <summary>The app's client secret; a test rotates it.</summary>
    public string ClientSecret
    {
        // With this fault nobody knows the secret that it wants.
        get => Fault == EmulatedFault.WrongSecret ? $"not {_clientSecret}" : _clientSecret;
        set => _clientSecret = value;
    }

    /// <summary>The one redirect URI that is registered, compared character by character.</summary>
    public string RedirectUri { get; set; } = "";

    /// <summary>The clock that it goes by.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>What it takes for the present.</summary>
    protected DateTimeOffset Now => Time.GetUtcNow() + (Fault == EmulatedFault.ClockAhead ? EmulatedFaults.ClockOffset : TimeSpan.Zero);

    /// <summary>Where the broker calls it.</summary>
    public Uri Url => new(_app!.Urls.First());

    /// <summary>The host under which browsers reach it, also those of other machines when it is an address of the network.</summary>
    public string Host { get; set; } = Loopback;

    /// <summary>Where browsers are sent to sign in.</summary>
    public Uri AuthorizationEndpoint => new UriBuilder(Url) { Host = Host, Path = AuthorizePath }.Uri;

    /// <summary>What is wrong with it, on purpose.</summary>
    public EmulatedFault Fault { get; set; }

    /// <summary>Answers in the token endpoint's place when set: what a broken provider does.</summary>
    public RequestDelegate? Misbehaviour { get; set; }

    /// <summary>How many token requests have arrived.</summary>
    public int TokenRequests { get; private set; }

    /// <summary>How many requests have arrived that no browser sends.</summary>
    public int Calls => _calls;

    protected abstract string AuthorizePath { get; }

    protected abstract string TokenPath { get; }

    /// <summary>Where the profile is; empty without a user endpoint.</summary>
    protected virtual string UserInfoPath => "";

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var port = Host == Loopback ? 0 : LocalNetwork.FreePort();
        builder.WebHost.UseUrls(Host == Loopback ? $"http://{Loopback}:0" : $"http://{Loopback}:{port};http://{Host}:{port}");
        _app = builder.Build();
        _app.Use((http, next) =>
        {
            if (http.Request.Path != AuthorizePath && http.Request.Path != "/consent")
                Interlocked.Increment(ref _calls);
            return next(http);
        });
        _app.MapGet(AuthorizePath, Authorize);
        _app.MapPost("/consent", DecideAsync);
        _app.MapPost(TokenPath, TokenAsync);
        Map(_app);
        await _app.StartAsync();
    }

    /// <summary>Answers a token request as it should be, for misbehaviour that comes and goes.</summary>
    public Task AnswerAsync(HttpContext http) => AnswerTokenAsync(http);

    /// <summary>The broker's settings for an app that is registered here alone.</summary>
    public IEnumerable<KeyValuePair<string, string?>> Settings() =>
        [new($"Apps:{Name}:DisplayName", $"{Name} demo game"), .. InNetwork($"Apps:{Name}"), .. Registration($"Apps:{Name}", ClientId)];

    /// <summary>What a registration here needs beside, where browsers of other machines come here.</summary>
    /// <param name="section">The section that its settings stand in.</param>
    public IEnumerable<KeyValuePair<string, string?>> InNetwork(string section) => Host == Loopback
        ? []
        : [new($"{section}:AllowPrivateNetwork", "true"), new($"{section}:AuthorizationEndpoint", AuthorizationEndpoint.AbsoluteUri)];

    /// <summary>The settings of a registration here.</summary>
    /// <param name="section">The section that they stand in.</param>
    /// <param name="clientId">One of the client ids.</param>
    public virtual IEnumerable<KeyValuePair<string, string?>> Registration(string section, string clientId)
    {
        yield return new($"{section}:ClientId", clientId);
        yield return new($"{section}:ClientSecret", ClientSecret);
        yield return new($"{section}:AuthorizationEndpoint", AuthorizationEndpoint.AbsoluteUri);
        yield return new($"{section}:TokenEndpoint", new Uri(Url, TokenPath).AbsoluteUri);
        if (UserInfoPath.Length > 0)
            yield return new($"{section}:UserInfoEndpoint", new Uri(Url, UserInfoPath).AbsoluteUri);
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
    }

    /// <summary>Adds endpoints of the dialect's own.</summary>
    protected virtual void Map(WebApplication app)
    {
    }

    /// <summary>Checks an authorize request; a problem stays on the provider's own page.</summary>
    protected abstract string? FindProblem(IQueryCollection query, out Authorization authorization);

    /// <summary>Where the browser goes after the player has decided.</summary>
    protected abstract string Return(Authorization authorization, string? code);

    /// <summary>Sends the browser back.</summary>
    protected virtual IResult GoBack(Authorization authorization, string? code) => Results.Redirect(Return(authorization, code));

    /// <summary>Answers a token request.</summary>
    protected abstract Task AnswerTokenAsync(HttpContext http);

    /// <summary>Whether a client is registered here.</summary>
    protected bool IsClientId(string? id) => id == ClientId || id == ArcadeClientId;

    /// <summary>Takes a code out of circulation; only the client that it was given to gets anything for it (RFC 6749 §4.1.3).</summary>
    protected Authorization? Redeem(string? code, string? clientId) =>
        code is not null && _codes.TryRemove(code, out var authorization) && authorization.ClientId == clientId ? authorization : null;

    protected virtual string NewCode() => RandomNumberGenerator.GetHexString(40, lowercase: true);

    protected static string Query(string uri, params (string Name, string? Value)[] parameters) => QueryHelpers.AddQueryString(
        uri, parameters.Where(parameter => parameter.Value is not null)
            .Select(parameter => new KeyValuePair<string, string?>(parameter.Name, parameter.Value)));

    private IResult Authorize(HttpRequest request)
    {
        if (FindProblem(request.Query, out var authorization) is { } problem)
            return EmulatorPages.Problem(Name, problem);
        if (Fault == EmulatedFault.SaysNo)
            return GoBack(authorization, null);
        return EmulatorPages.Consent(Name, _tickets.New(authorization, 32), authorization.Scopes);
    }

    private async Task<IResult> DecideAsync(HttpRequest request)
    {
        var form = await request.ReadFormAsync();
        if (_tickets.Take(form["ticket"]) is not { } authorization)
            return EmulatorPages.Problem(Name, "This form has been sent before.");
        var decided = authorization with { Player = form["player"].ToString() };
        if (form["decision"] != "approve")
            return GoBack(decided, null);
        var code = NewCode();
        _codes[code] = decided;
        return GoBack(decided, code);
    }

    private async Task TokenAsync(HttpContext http)
    {
        TokenRequests++;
        if (Fault == EmulatedFault.Slow)
            await Task.Delay(EmulatedFaults.Delay, Time, http.RequestAborted);
        await (Misbehaviour ?? (Fault == EmulatedFault.Down ? EmulatedFaults.AnswerDownAsync : AnswerTokenAsync))(http);
    }
}

/// <summary>What a player was asked for, and by whom.</summary>
internal sealed record Authorization(
    string ClientId, string RedirectUri, string? State, IReadOnlyList<string> Scopes, string Player = "")
{
    /// <summary><c>nonce</c> (OpenID Connect Core 1.0 §3.1.2.1).</summary>
    public string? Nonce { get; init; }

    /// <summary>The PKCE challenge (RFC 7636).</summary>
    public string? CodeChallenge { get; init; }
}
