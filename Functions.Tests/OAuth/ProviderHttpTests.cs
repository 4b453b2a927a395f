using System.Net;
using System.Text;
using System.Text.Json;
using TokenBroker.Apps;
using TokenBroker.OAuth;
using TokenBroker.Tests.Apps;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.OAuth;

public sealed class ProviderTransportTests
{
    private static readonly Registration LifeScope = TestApps.LifeScope().Registrations.Single();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Connections_are_limited_guarded_and_follow_nothing(bool allowPrivateNetwork)
    {
        HttpMessageHandler? connections = null;
        using var transport = new ProviderHttp(Clock.New(), handler =>
        {
            connections = handler;
            return new Answering("{}");
        });
        await transport.GetAsync(LifeScope with { AllowPrivateNetwork = allowPrivateNetwork }, new("https://provider.example.com/"), null,
            CancellationToken.None);
        var sockets = Assert.IsType<SocketsHttpHandler>(connections);
        Assert.Equal(!allowPrivateNetwork, sockets.ConnectCallback is not null);
        Assert.Equal(TimeSpan.FromSeconds(3), sockets.ConnectTimeout);
        Assert.Equal((false, false, false), (sockets.AllowAutoRedirect, sockets.UseCookies, sockets.UseProxy));
    }

    [Fact]
    public async Task What_a_discovery_document_names_in_a_private_network_is_not_connected_to()
    {
        var reply = await Transport(new SocketsHttpHandler { ConnectCallback = ProviderHttp.ConnectPubliclyAsync })
            .GetAsync(LifeScope, new("http://10.0.0.1/"), null, CancellationToken.None);
        Assert.Equal((502, NoReply.PrivateHost), (reply.Status, reply.Missing));
    }

    /// <summary>An operator is told which it was.</summary>
    [Fact]
    public async Task Why_there_is_no_reply_is_known()
    {
        using var plain = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        plain.Start();
        _ = Task.Run(async () =>
        {
            // It is asked twice.
            for (var connection = 0; connection < 2; connection++)
            {
                using var client = await plain.AcceptTcpClientAsync();
                await client.GetStream().WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray());
            }
        });
        using var connections = new ProviderHttp(Clock.New());
        async Task<NoReply> AskAsync(ProviderHttp http, string url) =>
            (await http.GetAsync(LifeScope, new(url), null, CancellationToken.None)).Missing;
        Assert.Equal(NoReply.NoTls, await AskAsync(connections, $"https://127.0.0.1:{((IPEndPoint)plain.LocalEndpoint).Port}/"));
        Assert.Equal(NoReply.NoConnection, await AskAsync(connections, $"http://127.0.0.1:{Ports.Free()}/"));
        var unknown = new System.Net.Sockets.SocketException((int)System.Net.Sockets.SocketError.HostNotFound);
        var failing = new Failing(() => throw new HttpRequestException("", unknown));
        Assert.Equal(NoReply.UnknownHost, await AskAsync(Transport(failing), "https://a.b/"));
        Assert.Equal(NoReply.Unreadable, await AskAsync(Transport(new Failing(() => throw new IOException())), "https://a.b/"));
    }

    [Theory]
    [InlineData(true, 504)]
    [InlineData(false, 502)]
    public async Task A_call_that_fails_because_it_was_cut_off_was_too_late(bool cutOff, int status)
    {
        using var limit = new CancellationTokenSource();
        var transport = Transport(new Failing(() =>
        {
            if (cutOff)
                limit.Cancel();
        }));
        var reply = await transport.SendAsync(LifeScope, new(HttpMethod.Post, "https://provider.example.com/"), limit.Token);
        Assert.Equal(status, reply.Status);
    }

    [Theory]
    [InlineData("https://issuer.example.com", "http://127.0.0.1:1/token", false)]
    [InlineData("https://issuer.example.com", "https://localhost/token", false)]
    [InlineData("https://issuer.example.com", "http://issuer.example.com/token", false)]
    [InlineData("https://issuer.example.com", "https://user@issuer.example.com/token", false)]
    [InlineData("https://issuer.example.com", "https://token.example.com/token", true)]
    [InlineData("http://127.0.0.1:9", "http://127.0.0.1:1/token", true)]
    public async Task A_provider_elsewhere_names_no_endpoint_on_this_machine(string issuer, string tokenEndpoint, bool expected)
    {
        var apps = TestApps.From(
            ("Apps:studio:Provider", "oidc"), ("Apps:studio:ClientId", "id"), ("Apps:studio:Issuer", issuer),
                ("Apps:studio:Scopes:0", "openid"));
        var document = JsonSerializer.Serialize(
            new { issuer, authorization_endpoint = $"{issuer}/authorize", token_endpoint = tokenEndpoint });
        using var discovery = new Discovery(
            apps, Transport(new Answering(document)), Clock.New(),
                Microsoft.Extensions.Logging.Abstractions.NullLogger<Discovery>.Instance);
        Assert.Equal(expected, await discovery.ResolveAsync(apps.Registrations.Single(), CancellationToken.None) is not null);
    }

    [Fact]
    public async Task Many_who_ask_for_an_undiscovered_provider_ask_it_once_and_not_again_for_five_seconds()
    {
        var apps = TestApps.From(
            ("Apps:studio:Provider", "oidc"), ("Apps:studio:ClientId", "id"), ("Apps:studio:Domain", "issuer.example.com"),
                ("Apps:studio:Scopes:0", "openid"));
        var provider = new Answering("nonsense");
        var time = Clock.New();
        using var discovery = new Discovery(
            apps, Transport(provider), time, Microsoft.Extensions.Logging.Abstractions.NullLogger<Discovery>.Instance);
        for (var player = 0; player < 10; player++)
            Assert.Null(await discovery.ResolveAsync(apps.Registrations.Single(), CancellationToken.None));
        Assert.Equal(1, provider.Asked);
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Null(await discovery.ResolveAsync(apps.Registrations.Single(), CancellationToken.None));
        Assert.Equal(2, provider.Asked);
    }

    private static ProviderHttp Transport(HttpMessageHandler handler) => new(Clock.New(), _ => handler);

    private sealed class Answering(string body) : HttpMessageHandler
    {
        public int Asked { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked++;
            return Task.FromResult(new HttpResponseMessage(
                HttpStatusCode.OK)
            { Content = new StringContent(body, Encoding.UTF8, "application/json") });
        }
    }

    private sealed class Failing(Action before) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            before();
            return Task.FromException<HttpResponseMessage>(new HttpRequestException());
        }
    }
}
