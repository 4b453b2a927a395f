using System.Net;
using System.Net.NetworkInformation;

namespace TokenBroker.Tests.Infrastructure;

/// <summary>
/// Loopback ports that nothing listens on, below those that the system gives out by itself, so that no other test is given one meanwhile.
/// </summary>
internal static class Ports
{
    private static int _last = 20_000 + (Environment.ProcessId % 50 * 200);

    public static int Free()
    {
        while (true)
        {
            var port = Interlocked.Increment(ref _last);
            if (!IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Any((IPEndPoint endpoint) => endpoint.Port == port))
                return port;
        }
    }
}
