using System.Net;
using System.Net.Sockets;
using System.Text;
using TokenBroker.Storage;
using TokenBroker.Tests.Infrastructure;
using TokenBroker.Web;

namespace TokenBroker.Tests.Hostile;

/// <summary>Attacks of the kind that reviews have found elsewhere; docs/security.md lists them.</summary>
public sealed class KindredAttackTests
{
    private const string Markup = "Your account was closed. Call 555-0100";

    [Fact]
    public async Task Nothing_of_a_link_is_repeated_on_a_page()
    {
        await using var broker = await Broker.StartAsync();
        string[] blanks = [" ", "\u00a0", "\u2003", "\u3000", "\u200b", "\t", "\u2028", "\ufeff"];
        string[] names =
        [
            "scopes", "app", "client_id", "code_challenge", "code_challenge_method", "dpop_jkt", "user_code", "code", "state", "error",
            "error_description", "iss", "context", "action", "form_token", "link", "ui_locales", "x",
        ];
        foreach (var blank in blanks)
        {
            var text = Uri.EscapeDataString(Markup.Replace(" ", blank, StringComparison.Ordinal));
            foreach (var name in names)
            {
                foreach (var path in new[] { "/create-session", "/create-session?scopes=basic", "/complete", "/device", "/" })
                {
                    using var browser = broker.NewBrowser();
                    var answer = await browser.GetAsync($"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{name}={text}");
                    AssertHasNothing(answer);
                    AssertHasNothing(await browser.GetAsync("/complete"));
                }
                broker.Time.Advance(TimeSpan.FromMinutes(5));
            }
        }

        static void AssertHasNothing(Answer answer)
        {
            foreach (var word in new[] { "account was", "closed", "555-0100" })
            {
                Assert.DoesNotContain(word, answer.Body, StringComparison.Ordinal);
                Assert.DoesNotContain(word, answer.Response.Headers.ToString(), StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("X-HTTP-Method-Override")]
    [InlineData("X-HTTP-Method")]
    [InlineData("X-Method-Override")]
    public async Task No_header_or_field_changes_the_method(string header)
    {
        await using var broker = await Broker.StartAsync();
        using var game = broker.NewGame();
        game.Headers.Add(header, "POST");
        Assert.Equal(404, (await game.GetAsync("/token?_method=POST&grant_type=refresh_token")).Status);
        using var other = broker.NewGame();
        other.Headers.Add(header, "GET");
        Assert.Equal(404, (await other.PostAsync("/create-session", ("_method", "GET"))).Status);
    }

    [Fact]
    public async Task Of_a_form_and_a_query_the_form_alone_counts()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var code = await browser.SignInAsync();
        Assert.Equal("invalid_request", (await game.PostAsync($"/exchange-code?access_code={code}")).Error);
        var wrong = await game.PostAsync($"/exchange-code?access_code={code}", ("access_code", Codes.New().Text));
        Assert.Equal("invalid_grant", wrong.Error);
        Assert.Equal(200, (await game.PostAsync("/exchange-code?access_code=x&access_code=y", ("access_code", code))).Status);
    }

    [Theory]
    [InlineData("LIFESCOPE")]
    [InlineData("Lifescope")]
    [InlineData("l\u0131fescope")]
    [InlineData("life\u017fcope")]
    [InlineData("\uff4cifescope")]
    [InlineData("lifescop\u0435")]
    [InlineData("lifescope ")]
    [InlineData("lifescope\0")]
    [InlineData("LIFESCOPE-CLIENT-ID")]
    public async Task A_name_that_looks_like_an_app_s_is_none(string name)
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        Assert.Equal(400, (await browser.GetAsync($"/create-session?scopes=basic&app={Uri.EscapeDataString(name)}")).Status);
        Assert.Contains(
            (await game.PostAsync("/device_authorization", ("client_id", name), ("scope", "basic"))).Error,
            (string[])["invalid_client", "invalid_request"]);
    }

    [Fact]
    public async Task Headers_about_the_address_change_no_address()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        foreach (var headers in new[] { browser.Headers, game.Headers })
        {
            headers.Host = "evil.example.com";
            headers.Add("X-Forwarded-Host", "evil.example.com");
            headers.Add("X-Forwarded-Proto", "gopher");
            headers.Add("X-Forwarded-Prefix", "/evil");
            headers.Add("X-Original-URL", "/evil");
            headers.Add("X-Rewrite-URL", "/evil");
            headers.Add("Forwarded", "host=evil.example.com");
        }
        var device = await game.StartDeviceAsync();
        foreach (var answer in new[]
        {
            await browser.GetAsync("/create-session?scopes=basic"), await browser.GetAsync("/complete"), await browser.GetAsync("/device"),
            await browser.GetAsync($"/device?user_code={device.Text("user_code")}"), await browser.GetAsync("/openapi.json"),
            await browser.GetAsync("/.well-known/oauth-authorization-server"),
        })
        {
            Assert.DoesNotContain("evil", answer.Body + answer.Response.Headers, StringComparison.Ordinal);
        }
        Assert.DoesNotContain("evil", device.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task How_long_to_wait_does_not_tell_a_right_code()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var code = await browser.SignInAsync();
        for (var guess = 0; guess < 10; guess++)
            await game.ExchangeAsync(Codes.New().Text);
        var (right, wrong) = (await game.ExchangeAsync(code), await game.ExchangeAsync(Codes.New().Text));
        Assert.Equal((429, 429), (wrong.Status, right.Status));
        Assert.Equal(
            wrong.Body.Replace(wrong.Text("trace_id")!, "", StringComparison.Ordinal),
            right.Body.Replace(right.Text("trace_id")!, "", StringComparison.Ordinal));
        Assert.Equal(wrong.Response.Headers.RetryAfter, right.Response.Headers.RetryAfter);
    }

    [Fact]
    public async Task A_cookie_jar_that_was_overflowed_or_filled_twice_leads_into_nobody_s_sign_in()
    {
        await using var broker = await Broker.StartAsync(settings: new() { ["Broker:PublicUrl"] = "https://broker.example.com" });
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = broker.Url };
        var (mine, theirs) = (SessionId.New(broker.Time.GetUtcNow()), SessionId.New(broker.Time.GetUtcNow()));
        foreach (var id in new[] { mine, theirs })
            await broker.Store.AddAsync(Session.Begin(id, "lifescope", ["basic"]), default);
        const string name = SessionCookie.Name;
        string[] jars =
        [
            $"{name}={theirs.Text}", $"__Host-{name}={mine.Text}", $"{name}={theirs.Text}; {name}={mine.Text}; __Host-{name}=x",
            $"{name}={theirs.Text}; __Host-{name}={mine.Text}", $"__host-{name}={theirs.Text}; {name}={theirs.Text}",
            $"{name}={theirs.Text}; __Host-{name}={mine.Text}; {name}={theirs.Text}",
            $"{name}={theirs.Text}; __host-{name}={theirs.Text}; __Host-{name}={mine.Text}",
            $"{name}={theirs.Text}; x=1,__Host-{name}={theirs.Text}", $"{name}={theirs.Text}; x __Host-{name}={theirs.Text}",
            $"{name}={theirs.Text}; /__Host-{name}={theirs.Text}",
            $"{name}={theirs.Text}; __Host-{name}={theirs.Text}; __Host-{name}={mine.Text}",
        ];
        foreach (var jar in jars)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/complete", UriKind.Relative));
            request.Headers.Add("Cookie", jar);
            Assert.Equal("We lost track of your sign-in", (await Answer.OfAsync(await http.SendAsync(request))).Heading);
        }
    }

    [Fact]
    public async Task A_request_inside_a_request_is_not_answered()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var code = await browser.SignInAsync();
        var inner = $"GET /exchange-code?access_code={code} HTTP/1.1\r\nHost: broker\r\n\r\n";
        string[] requests =
        [
            // Two lengths, a length and chunks, chunks by another name, a length with a sign.
            $"POST /token HTTP/1.1\r\nHost: broker\r\nContent-Length: 0\r\nContent-Length: {inner.Length}\r\n\r\n{inner}",
            $"POST /token HTTP/1.1\r\nHost: broker\r\nContent-Length: {inner.Length + 5}\r\n" +
                $"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n{inner}",
            $"POST /token HTTP/1.1\r\nHost: broker\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n{inner}",
            $"POST /token HTTP/1.1\r\nHost: broker\r\nContent-Length: +{inner.Length}\r\n\r\n{inner}",
            $"POST /token HTTP/1.1\r\nHost: broker\r\nContent-Length : {inner.Length}\r\n\r\n{inner}",
        ];
        foreach (var request in requests)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, broker.Url.Port);
            using var reader = new StreamReader(new NetworkStream(socket), Encoding.ASCII);
            await socket.SendAsync(Encoding.ASCII.GetBytes(request));
            Assert.StartsWith("HTTP/1.1 4", await reader.ReadLineAsync(), StringComparison.Ordinal);
        }
        Assert.Equal(200, (await game.ExchangeAsync(code)).Status);
    }
}
