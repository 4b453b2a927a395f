using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using TokenBroker.Storage;
using TokenBroker.Tests.Infrastructure;
using TokenBroker.Web;

namespace TokenBroker.Tests.Hostile;

/// <summary>
/// Random requests, written byte by byte since no client library would send most of them. The number of requests is
/// <c>HOSTILE_REQUESTS</c>, 3,000 by default; the seed is fixed, so a failure repeats.
/// </summary>
public sealed class HostileRequestTests
{
    private static readonly int Requests =
        int.Parse(Environment.GetEnvironmentVariable("HOSTILE_REQUESTS") ?? "3000", CultureInfo.InvariantCulture);

    private static readonly string[] Methods = ["GET", "GET", "GET", "POST", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "BREW"];

    private static readonly string[] Paths =
        ["create-session", "create-session", "create-session", "create_session", "complete", "exchange-code", "exchange_code", "token",
            "userinfo", "health", "device_authorization", "device", "device/qr", "revoke", ".well-known/oauth-authorization-server", "",
                "..", "%2e%2e/", "COMPLETE/", "unknown"];

    private static readonly string[] Names =
        ["scopes", "scopes", "scopes", "app", "client_id", "code_challenge", "code_challenge_method", "code", "state", "error", "iss",
            "context", "access_code", "code_verifier", "grant_type", "refresh_token", "scope", "device_code", "user_code", "action",
                "form_token", "token", "token_type_hint", "x"];

    private static readonly string[] Values =
    [
        "", "basic", "basic", "basic", "read", "lifescope", "aura", "tachi", "S256", "access_denied", "refresh_token",
            "urn:ietf:params:oauth:grant-type:device_code", "BCDF-GHJK", "accept", "decline", "%00", "%", "%zz", "%ff%fe",
                "%0d%0aSet-Cookie:x=y", "<script>alert(1)</script>",
        "%F0%9F%98%80", "'%20or%20'1'='1", "../../etc/passwd", "a2B3c4D5", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "tb1.x.y",
            "tb1..", "{}", "[]", "null", "-1", "\u00e9", "%u0041",
        new('a', 5000), new('%', 300),
    ];

    private static readonly string[] ContentTypes =
        ["application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=x", "multipart/form-data", "text/plain",
            "x", "", "application/x-www-form-urlencoded; charset=nonsense", "application/x-www-form-urlencoded; charset=utf-7"];

    [Fact]
    public async Task Random_hostile_requests_end_in_no_server_error_and_no_exception_in_the_log()
    {
        await using var broker = await Broker.StartAsync();
        var random = new Random(20261121);
        var statuses = new Dictionary<int, int>();
        for (var number = 0; number < Requests; number++)
        {
            var request = Request(random, broker.Time.GetUtcNow());
            var status = await SendAsync(broker.Url, request);
            statuses[status] = statuses.GetValueOrDefault(status) + 1;
            Assert.True(status < 500, $"Request {number} ended in {status}: {Encoding.Latin1.GetString(request)}");
            // A guesser is stopped after ten tries: time passes, so that the next ones are looked at too.
            if (number % 20 == 0)
                broker.Time.Advance(TimeSpan.FromMinutes(5));
        }
        Assert.DoesNotContain("Exception", broker.LogText, StringComparison.Ordinal);
        // The run does reach the endpoints: redirects, refusals and pages, not only what Kestrel turns away.
        Assert.Empty(new[] { 200, 302, 400, 404 }.Except(statuses.Keys));
    }

    private static byte[] Request(Random random, DateTimeOffset now)
    {
        var text = new StringBuilder();
        text.Append(Pick(random, Methods)).Append(" /").Append(Pick(random, Paths));
        var parameters = string.Join('&', Enumerable.Range(0, random.Next(6))
            .Select(_ => $"{Pick(random, Names)}={Pick(random, Values)}"));
        var body = random.Next(3) == 0 ? parameters : "";
        if (body.Length == 0 && parameters.Length > 0)
            text.Append('?').Append(parameters);
        text.Append(" HTTP/1.1\r\nHost: broker\r\nConnection: close\r\n");
        if (random.Next(2) == 0)
            text.Append("Cookie: ").Append(SessionCookie.Name).Append('=').Append(Cookie(random, now)).Append("\r\n");
        if (random.Next(4) == 0)
            text.Append("Authorization: ").Append(random.Next(2) == 0 ? "Bearer " : "Basic ").Append(Pick(random, Values)).Append("\r\n");
        if (random.Next(4) == 0)
            text.Append("X-Forwarded-For: ").Append(Pick(random, Values)).Append("\r\n");
        if (body.Length > 0)
            text.Append("Content-Type: ").Append(Pick(random, ContentTypes)).Append("\r\nContent-Length: ")
                .Append(Encoding.Latin1.GetByteCount(body)).Append("\r\n");
        text.Append("\r\n").Append(body);
        return Encoding.Latin1.GetBytes(text.ToString());
    }

    private static string Cookie(Random random, DateTimeOffset now) => random.Next(5) switch
    {
        0 => SessionId.New(now).Text,
        1 => SessionId.New(now).Text + ".AAAA",
        2 => new string('c', 9000),
        3 => "ffffffffffff" + new string('A', 43),
        _ => Pick(random, Values),
    };

    private static string Pick(Random random, string[] among) => among[random.Next(among.Length)];

    /// <summary>Sends bytes and reads the status; 0 where the server just closes the connection.</summary>
    private static async Task<int> SendAsync(Uri broker, byte[] request)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, broker.Port);
        await socket.SendAsync(request);
        using var reader = new StreamReader(new NetworkStream(socket), Encoding.Latin1);
        try
        {
            var line = await reader.ReadLineAsync();
            return line is null ? 0 : int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
