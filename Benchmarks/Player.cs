using System.Buffers.Text;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace TokenBroker.Benchmarks;

/// <summary>
/// One player with browser and game, on a connection that is kept. It waits in its thread and reads no more of an answer than it needs:
/// the driver shares the machine with what it measures. Its address is this machine's own, also to a worker behind its host: no limit
/// counts it.
/// </summary>
internal sealed class Player : IDisposable
{
    /// <summary>What is timed: each step of a sign-in, and the whole of it.</summary>
    public static readonly string[] Steps = ["create", "callback", "page", "redeem", "whole"];

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _length;

    public Player(int port) => _socket.Connect(IPAddress.Loopback, port);

    /// <summary>How long each step of each sign-in took, and the whole of it, in milliseconds.</summary>
    public List<double>[] Latencies { get; } = [.. Steps.Select(_ => new List<double>())];

    /// <summary>Start, callback with the code exchange, the page with the access code, collection.</summary>
    /// <param name="openId">Whether the game wants to know who the player is.</param>
    public void SignIn(bool openId = false)
    {
        var began = Stopwatch.GetTimestamp();
        Step(0, $"/create-session?scopes=read{(openId ? ",openid" : "")}", null, 302);
        var cookie = Text("unity_session_id=", ";");
        var state = Text("state=", "&", "\r");
        Step(1, $"/complete?code=x&state={state}", cookie, 303);
        Step(2, "/complete", TryText("unity_session_id=", ";") ?? cookie, 200);
        Step(3, $"/exchange-code?access_code={CodeOf(Text("id=\"access-code\">", "</p>"))}", null, 200);
        Latencies[4].Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
    }

    /// <summary>Start, callback with the code exchange and back to the game, redemption.</summary>
    public void SignInByRedirect()
    {
        const string redirectUri = "https%3A%2F%2Fgame.example.com%2Fcallback";
        // RFC 7636, Appendix B.
        const string verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        Request($"/authorize?response_type=code&client_id=bench&redirect_uri={redirectUri}&scope=read&state=x" +
            $"&code_challenge={challenge}&code_challenge_method=S256", null, 302);
        var cookie = Text("unity_session_id=", ";");
        Request($"/complete?code=x&state={Text("state=", "&", "\r")}", cookie, 303);
        Request("/token", null, 200, $"grant_type=authorization_code&client_id=bench&redirect_uri={redirectUri}" +
            $"&code={Text("code=", "&", "\r")}&code_verifier={verifier}");
    }

    /// <summary>The access code out of its element, which has a cell for each character.</summary>
    public static string CodeOf(string cells)
    {
        Span<char> code = stackalloc char[8];
        var (length, isInTag) = (0, false);
        foreach (var character in cells)
        {
            isInTag = character == '<' || (isInTag && character != '>');
            if (!isInTag && character != '>' && length < code.Length)
                code[length++] = character;
        }
        return new(code[..length]);
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>Reads an address, which must answer 200.</summary>
    public void Get(string url) => Request(url, null, 200);

    private void Step(int step, string url, string? cookie, int status)
    {
        var began = Stopwatch.GetTimestamp();
        Request(url, cookie, status);
        Latencies[step].Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
    }

    private void Request(string url, string? cookie, int status, string? form = null)
    {
        var ofForm = $"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {form?.Length}\r\n";
        _socket.Send(Encoding.ASCII.GetBytes(
            $"{(form is null ? "GET" : "POST")} {url} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Test-Peer: 127.0.0.1\r\n" +
            $"{(cookie is null ? "" : $"Cookie: unity_session_id={cookie}\r\n")}{(form is null ? "" : ofForm)}\r\n{form}"));
        _length = 0;
        do
        {
            var read = _socket.Receive(_buffer.AsSpan(_length));
            _length += read > 0 ? read : throw new InvalidOperationException("The connection was closed.");
        }
        while (!IsWhole());
        if (!Utf8Parser.TryParse(_buffer.AsSpan(9, 3), out int answered, out _) || answered != status)
            throw new InvalidOperationException($"{url.Split('?')[0]} answered {answered}.");
    }

    private bool IsWhole()
    {
        var answer = _buffer.AsSpan(0, _length);
        var head = answer.IndexOf("\r\n\r\n"u8);
        if (head < 0)
            return false;
        var length = answer[..head].IndexOf("Content-Length: "u8);
        return length >= 0
            ? Utf8Parser.TryParse(answer[(length + "Content-Length: ".Length)..], out int bytes, out _) && _length >= head + 4 + bytes
            : answer[..head].IndexOf("Transfer-Encoding: chunked"u8) < 0 || answer.EndsWith("\r\n0\r\n\r\n"u8);
    }

    private string Text(string before, params string[] after) =>
        TryText(before, after) ?? throw new InvalidOperationException($"The answer lacks '{before}'.");

    private string? TryText(string before, params string[] after)
    {
        var answer = _buffer.AsSpan(0, _length);
        var start = answer.IndexOf(Encoding.ASCII.GetBytes(before));
        if (start < 0)
            return null;
        var rest = Encoding.ASCII.GetString(answer[(start + before.Length)..]);
        return rest[..after.Select(end => rest.IndexOf(end, StringComparison.Ordinal)).Where(end => end >= 0).Min()];
    }
}
