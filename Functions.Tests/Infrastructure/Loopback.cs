using System.Net;
using System.Net.Sockets;

namespace TokenBroker.Tests.Infrastructure;

/// <summary>Clients at addresses of their own: all of 127.0.0.0/8 is this machine.</summary>
internal static class Loopback
{
    public static SocketsHttpHandler HandlerAt(string address) => new()
    {
        ConnectCallback = async (context, cancellation) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
            await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
    };
}
