namespace TokenBroker.Crypto;

/// <summary>Compares secrets in a time that does not depend on where they differ.</summary>
internal static class ConstantTime
{
    /// <summary>Whether two texts are the same. Only their lengths may show in the time that it takes.</summary>
    public static bool AreEqual(string one, string other) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(one), Encoding.UTF8.GetBytes(other));
}
