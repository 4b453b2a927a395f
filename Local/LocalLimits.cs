using System.Net;
using Microsoft.AspNetCore.Http;
using TokenBroker.Web.Middleware;

namespace TokenBroker.Local;

/// <summary>
/// Whose request it is in a local run, as far as limits are concerned: nobody is locked out of their own machine, and a developer can
/// begin anew.
/// </summary>
internal sealed class LocalLimits(LocalSetup setup)
{
    private int _epoch;
    private int _requests;

    /// <summary>The caller. Each request of this machine is one of its own; a tunnel's are not of this machine.</summary>
    public ClientAddress CallerOf(HttpContext http)
    {
        var address = http.Connection.RemoteIpAddress;
        var isOwn = address is not null && IPAddress.IsLoopback(address) && setup.ConsolePort is null;
        return isOwn
            ? new($"this machine {Interlocked.Increment(ref _requests)}")
            : new($"{ClientAddress.From(address).Value} since {Volatile.Read(ref _epoch)}");
    }

    /// <summary>Forgets all failures and sign-ins that count: everybody is somebody else from now on.</summary>
    public void Reset() => Interlocked.Increment(ref _epoch);
}
