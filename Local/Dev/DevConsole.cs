using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TokenBroker.Apps;
using TokenBroker.Crypto;
using TokenBroker.SignIns;
using TokenBroker.Web;
using TokenBroker.Web.Middleware;

namespace TokenBroker.Local.Dev;

/// <summary>
/// <c>/dev</c>: what a developer wants to know of a local run. For browsers of this machine only, by address and by name, so that
/// neither the network nor a page elsewhere (DNS rebinding) comes to it.
/// </summary>
internal sealed class DevConsole(
    AppCatalog apps, BrokerOptions options, SignInFeed feed, LocalSetup setup, LocalLimits limits, IServer server,
    IHostApplicationLifetime lifetime) : IDisposable
{
    private const string Root = "/dev";

    /// <summary>Where the console has players come back to in the place of a game.</summary>
    public const string CallbackPath = Root + "/callback";

    private static readonly string[] LoopbackHosts = ["localhost", "127.0.0.1", "[::1]"];
    private static readonly string[] ForwardingHeaders = ["X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "Via", "X-Real-IP"];
    private readonly string _formToken = RandomNumberGenerator.GetHexString(32, lowercase: true);
    private readonly HttpClient _http = new();

    public static void Add(WebApplicationBuilder builder, LocalSetup setup)
    {
        builder.Services.AddSingleton(setup).AddSingleton<LocalLimits>().AddSingleton<SignInFeed>().AddSingleton<RequestObserver>()
            .AddSingleton<RequestRecords>().AddSingleton<ILoggerProvider>(services => services.GetRequiredService<RequestRecords>())
            .AddSingleton<DevConsole>();
    }

    /// <summary>Maps the console, and has it watch what the broker answers.</summary>
    public static void Map(WebApplication app)
    {
        var (console, observer) = (app.Services.GetRequiredService<DevConsole>(), app.Services.GetRequiredService<RequestObserver>());
        app.Use((http, next) => http.Request.Path.StartsWithSegments(Root)
            ? console.GuardAsync(http, next)
            : observer.ObserveAsync(http, () => next(http)));
        app.MapGet(Root, console.Page);
        app.MapGet($"{Root}/dev.css", () => File("dev.css", "text/css"));
        app.MapGet($"{Root}/dev.js", () => File("dev.js", "text/javascript"));
        app.MapGet($"{Root}/events", console.SendEventsAsync);
        app.MapGet(CallbackPath, console.ComeBack);
        app.MapPost($"{Root}/begin", console.BeginAsync);
        app.MapPost($"{Root}/run", console.RunAsync);
        app.MapPost($"{Root}/fault", console.SetFaultAsync);
        app.MapPost($"{Root}/limits", console.ResetLimitsAsync);
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Lets this machine's browsers in, and changes nothing without the token of a form of ours.</summary>
    private async Task GuardAsync(HttpContext http, RequestDelegate next)
    {
        var isHere = IPAddress.IsLoopback(http.Connection.RemoteIpAddress!) && LoopbackHosts.Contains(http.Request.Host.Host) &&
            !ForwardingHeaders.Any(http.Request.Headers.ContainsKey) &&
            (setup.ConsolePort is not { } port || http.Connection.LocalPort == port);
        if (!isHere)
        {
            await http.RequestServices.GetRequiredService<EndpointRunner>().AnswerNotFoundAsync(http);
            return;
        }
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; " +
            "form-action 'self' http: https:; frame-ancestors 'none'; base-uri 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-store";
        var isForged = HttpMethods.IsPost(http.Request.Method) &&
            !ConstantTime.AreEqual((await http.Request.ReadFormAsync())["form_token"].ToString(), _formToken);
        if (isForged)
            http.Response.StatusCode = StatusCodes.Status403Forbidden;
        else
            await next(http);
    }

    private IResult Page() =>
        Results.Content(DevPages.Page(apps, options, setup.Emulators, _formToken, SignIns()), "text/html; charset=utf-8");

    private string SignIns() => feed.Read(all => DevPages.SignIns(all, _formToken));

    /// <summary>Server-sent events (WHATWG HTML §9.2): the list, whenever it changes.</summary>
    private async Task SendEventsAsync(HttpContext http)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        http.Response.ContentType = "text/event-stream";
        try
        {
            while (!end.IsCancellationRequested)
            {
                var news = feed.News;
                await http.Response.WriteAsync($"data: {JsonSerializer.Serialize(SignIns())}\n\n", end.Token);
                await http.Response.Body.FlushAsync(end.Token);
                await news.WaitAsync(end.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The page was closed, or this run ends.
        }
    }

    /// <summary>Begins a sign-in as a game would, and opens the page that its player sees first.</summary>
    private async Task<IResult> BeginAsync(HttpRequest request)
    {
        var form = await request.ReadFormAsync();
        if (apps.Find(form["app"].ToString()) is not { } app || !Enum.TryParse<Flow>(form["flow"], out var flow))
            return Results.BadRequest();
        // Of several registrations the player chooses; all scopes, so that there is something to see.
        var scopes = app.OnlyRegistration?.Scopes ?? [];
        if (flow == Flow.Device)
            return await BeginDeviceAsync(app, scopes);

        var verifier = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var challenge = Pkce.Challenge(verifier);
        feed.Change([], mayBegin: true, signIn =>
        {
            (signIn.App, signIn.Flow, signIn.CodeVerifier) = (app, flow, verifier);
            return [RequestObserver.Challenge(challenge)!];
        });
        var query = new Dictionary<string, string?>
        {
            ["client_id"] = app.Name,
            ["code_challenge"] = challenge,
            ["code_challenge_method"] = Pkce.Method,
        };
        var (path, separator, scopeName) = flow == Flow.Redirect ? (Paths.Authorize, ' ', "scope") : (Paths.CreateSession, ',', "scopes");
        if (scopes.Count > 0)
            query[scopeName] = string.Join(separator, scopes);
        if (flow == Flow.Redirect)
        {
            query["response_type"] = "code";
            query["redirect_uri"] = CallbackUri(request);
            query["state"] = challenge;
        }
        return Results.Redirect(QueryHelpers.AddQueryString(options.Url(path), query));
    }

    private async Task<IResult> BeginDeviceAsync(App app, IReadOnlyList<string> scopes)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["client_id"] = app.Name,
            ["scope"] = string.Join(' ', scopes),
        });
        using var reply = await _http.PostAsync(new Uri(OwnAddress(), Paths.DeviceAuthorization), form);
        if (!reply.IsSuccessStatusCode)
            return Results.Redirect(Root);
        var codes = JsonSerializer.Deserialize<JsonElement>(await reply.Content.ReadAsStringAsync());
        var deviceCode = codes.GetProperty("device_code").GetString()!;
        // The answer may be here before its request has been sorted.
        var key = DeviceCode.TryParse(deviceCode)!.SessionId.RowKey;
        feed.Change([key], mayBegin: true, signIn =>
        {
            (signIn.App, signIn.Flow) = (app, Flow.Device);
            signIn.UserCode = codes.GetProperty("user_code").GetString();
            signIn.Next = new(options.Url(Paths.Token),
                [("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("client_id", app.Name), ("device_code", deviceCode)]);
            return [key];
        });
        return Results.Redirect(codes.GetProperty("verification_uri_complete").GetString()!);
    }

    /// <summary>The player comes back to the console as to a game (RFC 6749 §4.1.2).</summary>
    private IResult ComeBack(HttpRequest request)
    {
        var (code, error) = (request.Query["code"].ToString(), request.Query["error"].ToString());
        var key = RequestObserver.Challenge(request.Query["state"].ToString())!;
        feed.Change([key], mayBegin: false, signIn =>
        {
            // Any page may lead a browser here: only a sign-in that began here goes on, and only with what can be a code of ours.
            var isCode = AuthorizationCode.IsOne(code);
            if (signIn.CodeVerifier is null || signIn.App is null || (code.Length > 0 && !isCode))
                return [];
            signIn.WaitsFor = null;
            signIn.Outcome = isCode ? "back in the game, which redeems the code" : $"back in the game with an error: {error}";
            if (isCode)
            {
                signIn.Next = new(options.Url(Paths.Token),
                    [("grant_type", "authorization_code"), ("client_id", signIn.App!.Name), ("code", code),
                    ("redirect_uri", CallbackUri(request)), ("code_verifier", signIn.CodeVerifier!)]);
            }
            return [];
        });
        return Results.Redirect(Root);
    }

    /// <summary>Does what the game does next, and says what came: names, never tokens.</summary>
    private async Task<IResult> RunAsync(HttpRequest request)
    {
        var form = await request.ReadFormAsync();
        var next = feed.Read(all => all.FirstOrDefault(signIn => $"{signIn.Number}" == form["number"]))?.Next;
        if (next is not null)
        {
            using var content = new FormUrlEncodedContent(next.Fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
            using var reply = await _http.PostAsync(new Uri(OwnAddress(), new Uri(next.Url).AbsolutePath.TrimStart('/')), content);
        }
        return Results.Redirect(Root);
    }

    private async Task<IResult> SetFaultAsync(HttpRequest request)
    {
        var form = await request.ReadFormAsync();
        var emulator = setup.Emulators.FirstOrDefault(each => each.Name == form["provider"]);
        if (emulator is null || !Enum.TryParse<Emulators.EmulatedFault>(form["fault"], out var fault))
            return Results.BadRequest();
        emulator.Fault = fault;
        return Results.Redirect(Root);
    }

    private IResult ResetLimitsAsync()
    {
        limits.Reset();
        return Results.Redirect(Root);
    }

    /// <summary>Where this run is reached from this machine, whatever its public URL.</summary>
    private Uri OwnAddress()
    {
        var address = BindingAddress.Parse(server.Features.Get<IServerAddressesFeature>()!.Addresses.Last());
        return new($"{address.Scheme}://localhost:{address.Port}");
    }

    private static string CallbackUri(HttpRequest request) => $"http://127.0.0.1:{request.Host.Port}{CallbackPath}";

    private static IResult File(string name, string type)
    {
        using var file = typeof(DevConsole).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(file);
        return Results.Content(reader.ReadToEnd(), $"{type}; charset=utf-8");
    }
}
