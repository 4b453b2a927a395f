using System.Net;
using System.Net.Sockets;
using System.Text;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Hostile;

public sealed class RequestGuardTests : RequestGuardContract
{
    private Broker _broker = null!;

    public override async Task InitializeAsync() => _broker = await Broker.StartAsync();

    public override async Task DisposeAsync() => await _broker.DisposeAsync();

    [Theory]
    [InlineData("POST /token HTTP/1.1\r\nHost: broker\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\ngr")]
    [InlineData("POST /token HTTP/1.1\r\nHost: broker\r\nTransfer-Encoding: chunked\r\n\r\n2\r\ngr\r\n")]
    [InlineData("GET /health HTTP/1.1\r\nHost: broker\r\nContent-Length: 100\r\n\r\n")]
    public async Task A_body_that_takes_more_than_ten_seconds_is_refused(string request)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, _broker.Url.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(new NetworkStream(socket), Encoding.ASCII);
        var answering = reader.ReadLineAsync();
        // The clock moves until the broker has begun to wait, and then for ten seconds.
        while (!answering.IsCompleted)
        {
            _broker.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        Assert.Equal("HTTP/1.1 408 Request Timeout", await answering);
    }

    internal override Browser NewBrowser() => _broker.NewBrowser();

    internal override Game NewGame() => _broker.NewGame();
}
