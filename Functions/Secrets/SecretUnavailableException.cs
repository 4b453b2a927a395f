namespace TokenBroker.Secrets;

/// <summary>A secret that is needed has never been read, and cannot be read now.</summary>
/// <param name="name">The secret's name.</param>
/// <param name="cause">What the vault answered.</param>
public sealed class SecretUnavailableException(string name, Exception? cause = null)
    : Exception($"The secret '{name}' cannot be read.", cause);
