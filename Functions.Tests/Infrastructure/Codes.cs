using System.Security.Cryptography;
using TokenBroker.Secrets;
using TokenBroker.Sessions;

namespace TokenBroker.Tests.Infrastructure;

/// <summary>Access codes that nobody was given, and grants under them.</summary>
internal static class Codes
{
    public static AccessCode New() => AccessCode.Of(RandomNumberGenerator.GetBytes(16));

    public static Grant SealUnder(this GrantContent content, AccessCode code, ProtectionKey key, DateTimeOffset expiresAt) =>
        content.Seal(key.GrantKey(code.ToBytes()), key, code.ToBytes(), expiresAt);
}
