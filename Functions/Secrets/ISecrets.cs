namespace TokenBroker.Secrets;

/// <summary>Where client secrets and the keys come from.</summary>
public interface ISecrets
{
    /// <summary>The registration's client secret, or its key in PEM where the client signs (RFC 7523).</summary>
    /// <param name="registration">The registration.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The secret.</returns>
    /// <exception cref="SecretUnavailableException">It has never been read and cannot be now.</exception>
    ValueTask<string> ClientSecretAsync(Registration registration, CancellationToken cancellation);

    /// <summary>Reads the client secret again after the provider refused it (RFC 6749 §5.2, <c>invalid_client</c>).</summary>
    /// <param name="registration">The registration.</param>
    /// <param name="refused">The secret that was refused.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Another secret than the refused one; null when there is none.</returns>
    Task<string?> RereadClientSecretAsync(Registration registration, string refused, CancellationToken cancellation);

    /// <summary>The protection key's versions.</summary>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The versions.</returns>
    /// <exception cref="SecretUnavailableException">They have never been read and cannot be now.</exception>
    ValueTask<KeyRing> ProtectionKeysAsync(CancellationToken cancellation);

    /// <summary>The versions of the key that signs ID tokens.</summary>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The versions; none where the broker makes no ID tokens.</returns>
    /// <exception cref="SecretUnavailableException">They have never been read and cannot be now.</exception>
    ValueTask<SigningKeyRing> SigningKeysAsync(CancellationToken cancellation);

    /// <summary>Reads everything again, keeping what cannot be read.</summary>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Whether everything could be read.</returns>
    Task<bool> RefreshAsync(CancellationToken cancellation);
}
