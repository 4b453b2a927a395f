using System.Net;
using System.Net.Sockets;
using System.Text;
using TokenBroker.Tests.Hostile;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.RealWorker;

/// <summary>The same on the real worker, and what its process pays for it.</summary>
public sealed class RequestGuardTests : RequestGuardContract
{
    private static readonly byte[] Megabyte = new byte[1 << 20];
    private WorkerHost _broker = null!;

    public override async Task InitializeAsync() => _broker = await WorkerHost.StartAsync();

    public override async Task DisposeAsync() => await _broker.DisposeAsync();

    [Fact]
    public async Task Sixty_four_bodies_of_27_MB_at_once_take_less_than_100_MB_of_memory()
    {
        using var game = NewGame();
        await game.PostAsync("/token", ("x", "y"));
        var before = await _broker.PeakMemoryAsync();

        var statuses = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => SendLongBodyAsync()));

        // Some callers see the connection break before they have read the answer.
        Assert.All(statuses, status => Assert.Contains(status, (string?[])["HTTP/1.1 413 Payload Too Large", null]));
        Assert.Contains("HTTP/1.1 413 Payload Too Large", statuses);
        Assert.InRange(await _broker.PeakMemoryAsync() - before, 0, 100_000_000);
    }

    [Fact]
    public async Task A_body_that_takes_more_than_ten_seconds_is_refused()
    {
        using var socket = await SendAsync("POST /token HTTP/1.1\r\nHost: broker\r\nTransfer-Encoding: chunked\r\n\r\n2\r\ngr\r\n");
        using var reader = new StreamReader(new NetworkStream(socket), Encoding.ASCII);
        Assert.Equal("HTTP/1.1 408 Request Timeout", await reader.ReadLineAsync());
    }

    internal override Browser NewBrowser() => _broker.NewBrowser();

    internal override Game NewGame() => _broker.NewGame();

    /// <summary>Sends 27 MB in chunks, as long as the other side takes them.</summary>
    /// <returns>The status line; null when the connection broke first.</returns>
    private async Task<string?> SendLongBodyAsync()
    {
        using var socket = await SendAsync("POST /token HTTP/1.1\r\nHost: broker\r\nTransfer-Encoding: chunked\r\n\r\n");
        using var reader = new StreamReader(new NetworkStream(socket), Encoding.ASCII);
        var answer = reader.ReadLineAsync();
        try
        {
            for (var megabyte = 0; megabyte < 27 && !answer.IsCompleted; megabyte++)
            {
                await socket.SendAsync("100000\r\n"u8.ToArray());
                await socket.SendAsync(Megabyte);
                await socket.SendAsync("\r\n"u8.ToArray());
            }
            return await answer;
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return null;
        }
    }

    private async Task<Socket> SendAsync(string text)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, _broker.Url.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes(text));
        return socket;
    }
}
