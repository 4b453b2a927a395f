using System.Security.Cryptography;
using TokenBroker.Crypto;
using TokenBroker.SignIns;
using TokenBroker.Storage;

namespace TokenBroker.Tests.Infrastructure;

/// <summary>Access codes that nobody was given, and entries under them.</summary>
internal static class Codes
{
    public static AccessCode New() => AccessCode.FromBits(RandomNumberGenerator.GetBytes(16));

    public static CodeEntry SealUnder(this CodeEntryContent content, AccessCode code, ProtectionKey key, DateTimeOffset expiresAt) =>
        content.Seal(code.Text, code.Text, key, expiresAt);
}
