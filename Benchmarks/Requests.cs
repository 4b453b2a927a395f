using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TokenBroker.Apps;
using TokenBroker.Endpoints;
using TokenBroker.Local;
using TokenBroker.OAuth;
using TokenBroker.Storage;
using TokenBroker.Web.Pages;

namespace TokenBroker.Benchmarks;

/// <summary>
/// The broker's routes in this process, without a network: host, endpoints and memory store are the real ones, but for the routing, the
/// provider answers from memory.
/// </summary>
internal sealed class Requests
{
    private readonly IServiceProvider _services;
    private readonly Dictionary<string, HttpFunction> _functions;
    private readonly byte[] _body = new byte[64 * 1024];
    private string _cookie = "", _state = "", _code = "", _deviceCode = "", _link = "";

    public Requests()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Broker:PublicUrl"] = "https://broker.example.com",
            ["Broker:ProtectionKey"] = Convert.ToBase64String(new byte[32]),
            ["Apps:bench:Provider"] = "oauth2",
            ["Apps:bench:ClientId"] = "id",
            ["Apps:bench:ClientSecret"] = "secret",
            ["Apps:bench:Scopes:0"] = "read",
            ["Apps:bench:AuthorizationEndpoint"] = "https://provider.example.com/authorize",
            ["Apps:bench:TokenEndpoint"] = "https://provider.example.com/token",
        });
        builder.Services.AddSingleton<ISessionStore>(new MemorySessionStore());
        builder.Services.AddSingleton<Func<HttpMessageHandler, HttpMessageHandler>>(_ => new InstantProvider());
        builder.AddTokenBroker();
        _services = builder.Build().Services;
        _functions = InProcessHost.HttpFunctions(typeof(CreateSession).Assembly).ToDictionary(
            function => $"/{function.Route.Split("/{")[0]}");
    }

    /// <summary>Each route by its name, in an order in which each finds what it needs.</summary>
    public IReadOnlyList<(string Name, Func<Task> Run)> All =>
    [
        ("create-session", CreateSessionAsync),
        ("complete, callback", CallbackAsync),
        ("complete, page", PageAsync),
        ("exchange-code", ExchangeAsync),
        ("device-authorization", StartDeviceAsync),
        ("token, poll", PollAsync),
        ("device, page", DevicePageAsync),
    ];

    public App App => _services.GetRequiredService<AppCatalog>().Find("bench")!;

    public AuthorizeUrl AuthorizeUrl => _services.GetRequiredService<AuthorizeUrl>();

    /// <summary>Sends a page to nobody.</summary>
    public Task RenderAsync(Page page)
    {
        var http = new DefaultHttpContext { RequestServices = _services };
        http.Response.Body = new MemoryStream(_body);
        return page.ExecuteAsync(http);
    }

    private async Task CreateSessionAsync()
    {
        var response = await SendAsync("GET", "/create-session", "?scopes=read", null, 302);
        _cookie = Cookie(response);
        _state = Between(response.Headers.Location.ToString(), "state=", '&');
    }

    private async Task CallbackAsync() => await SendAsync("GET", "/complete", $"?code=x&state={_state}", _cookie, 303);

    private async Task PageAsync()
    {
        await SendAsync("GET", "/complete", "", _cookie, 200);
        _code = Player.CodeOf(InBody("id=\"access-code\">"u8, "</p>"u8));
    }

    private async Task ExchangeAsync() => await SendAsync("GET", "/exchange-code", $"?access_code={_code}", null, 200);

    private async Task StartDeviceAsync()
    {
        await SendAsync("POST", "/device_authorization", "", null, 200, "client_id=bench&scope=read");
        (_deviceCode, _link) = (InBody("\"device_code\":\""u8, '"'), InBody("/device?user_code="u8, '"'));
    }

    private async Task PollAsync() =>
        await SendAsync("POST", "/token", "", null, 400,
            $"grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&client_id=bench&device_code={_deviceCode}");

    private async Task DevicePageAsync() => await SendAsync("GET", "/device", $"?user_code={_link}", null, 200);

    private async Task<HttpResponse> SendAsync(string method, string path, string query, string? cookie, int status, string? form = null)
    {
        await using var scope = _services.CreateAsyncScope();
        var http = new DefaultHttpContext { RequestServices = scope.ServiceProvider };
        (http.Request.Method, http.Request.Scheme, http.Request.Host, http.Request.Path, http.Request.QueryString) =
            (method, "https", new("broker.example.com"), path, new(query));
        http.Connection.RemoteIpAddress = IPAddress.Loopback;
        if (cookie is not null)
            http.Request.Headers.Cookie = cookie;
        if (form is not null)
        {
            http.Request.ContentType = "application/x-www-form-urlencoded";
            http.Request.Body = new MemoryStream(Encoding.ASCII.GetBytes(form));
        }
        http.Response.Body = new MemoryStream(_body);
        await _functions[path].RunAsync(http);
        return http.Response.StatusCode == status
            ? http.Response
            : throw new InvalidOperationException($"{path} answered {http.Response.StatusCode}.");
    }

    private static string Cookie(HttpResponse response) =>
        string.Join("; ", response.Headers.SetCookie.Where(cookie => cookie!.Contains("unity_session_id", StringComparison.Ordinal))
            .Select(cookie => cookie!.Split(';')[0]));

    private string InBody(ReadOnlySpan<byte> before, char after) => InBody(before, [(byte)after]);

    private string InBody(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        var rest = _body.AsSpan();
        rest = rest[(rest.IndexOf(before) + before.Length)..];
        return Encoding.ASCII.GetString(rest[..rest.IndexOf(after)]);
    }

    private static string Between(string text, string before, char after)
    {
        var start = text.IndexOf(before, StringComparison.Ordinal) + before.Length;
        var end = text.IndexOf(after, start);
        return end < 0 ? text[start..] : text[start..end];
    }

    private sealed class InstantProvider : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(Floors.Tokens) });
    }
}
