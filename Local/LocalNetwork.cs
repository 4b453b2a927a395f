using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace TokenBroker.Local;

/// <summary>The addresses under which other machines of the network reach this one.</summary>
internal static class LocalNetwork
{
    /// <summary>The address to listen on.</summary>
    /// <param name="asked">What <c>--lan</c> says; empty to find it.</param>
    /// <exception cref="ConfigurationException">It is no address of this machine, or there is none or more than one to take.</exception>
    public static IPAddress Choose(string asked) => Choose(asked, Addresses());

    internal static IPAddress Choose(string asked, IReadOnlyList<(string Interface, IPAddress Address)> all)
    {
        var list = string.Join(", ", all.Select(each => $"{each.Address} ({each.Interface})"));
        if (asked.Length > 0)
        {
            return all.FirstOrDefault(each => each.Address.ToString() == asked).Address ?? throw new ConfigurationException(
                "--lan", $"must be a private address of this machine{(all.Count > 0 ? $": {list}." : ", which has none.")}");
        }
        return all.Count switch
        {
            1 => all[0].Address,
            0 => throw new ConfigurationException("--lan", "finds no private address of this machine: is it in a network?"),
            _ => throw new ConfigurationException("--lan", $"finds several addresses: {list}. Choose one: --lan={all[0].Address}"),
        };
    }

    /// <summary>A port that is free now, for listening on several addresses.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static List<(string Interface, IPAddress Address)> Addresses() =>
    [
        .. from network in NetworkInterface.GetAllNetworkInterfaces()
           where network.OperationalStatus == OperationalStatus.Up || network.OperationalStatus == OperationalStatus.Unknown
           from unicast in network.GetIPProperties().UnicastAddresses
           let address = unicast.Address
           where address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address) && PrivateNetwork.Contains(address)
           select (network.Name, address),
    ];
}
