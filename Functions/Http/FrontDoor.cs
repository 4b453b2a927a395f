using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace TokenBroker.Http;

/// <summary>
/// What Azure Front Door adds to a request
/// (https://learn.microsoft.com/azure/frontdoor/front-door-http-headers-protocol).
/// </summary>
internal static class FrontDoor
{
    /// <summary>Whether the request came through the profile with this id.</summary>
    public static bool HasSent(HttpRequest request, string id) =>
        request.Headers["X-Azure-FDID"] is [{ } sent] &&
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(sent.ToLowerInvariant()), Encoding.UTF8.GetBytes(id.ToLowerInvariant()));

    /// <summary>The TCP peer of Front Door. <c>X-Azure-ClientIP</c> is not taken: the caller may influence it.</summary>
    public static ClientAddress Caller(HttpRequest request) =>
        request.Headers["X-Azure-SocketIP"] is [{ } peer] ? ClientAddress.Parse(peer) : ClientAddress.Unknown;
}
