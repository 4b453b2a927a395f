namespace TokenBroker.OAuth;

/// <summary>An expected failure of the protocol, as a game sees it (RFC 6749 §5.2). Neither part holds anything from a request or a provider.</summary>
/// <param name="Error">The error code.</param>
/// <param name="Description">A sentence for the game's developer.</param>
/// <param name="Status">The HTTP status.</param>
public sealed record OAuthError(string Error, string Description, int Status = 400)
{
    /// <summary>The one answer for unknown, expired and used codes.</summary>
    public static readonly OAuthError InvalidGrant = new("invalid_grant", "The code is unknown, expired or already used.");

    /// <summary>Storage or the vault does not answer; the code is still good.</summary>
    public static readonly OAuthError Unavailable = new("temporarily_unavailable", "The broker cannot reach its storage; try again.", 503);

    /// <summary>Something went wrong that should not have.</summary>
    public static readonly OAuthError ServerError = new("server_error", "The broker failed.", 500);

    /// <summary>The provider answered nonsense or reported trouble of its own.</summary>
    public static readonly OAuthError ProviderTrouble =
        new("temporarily_unavailable", "The provider did not answer properly; try again later.", 502);

    /// <summary>The provider did not answer in time.</summary>
    public static readonly OAuthError ProviderTimeout = new("temporarily_unavailable", "The provider did not answer in time; try again later.", 504);

    /// <summary>The provider refused the broker's credentials.</summary>
    public static readonly OAuthError ProviderRefusedClient =
        new("temporarily_unavailable", "The provider refused the broker's credentials; the game's operator must look at them.", 502);

    /// <summary>The provider refused the code or refresh token.</summary>
    public static readonly OAuthError ProviderRefusedGrant = new("invalid_grant", "The provider refused the grant.");

    /// <summary>A parameter is missing, repeated or malformed.</summary>
    /// <param name="description">A sentence that names the parameter.</param>
    /// <returns>The error.</returns>
    public static OAuthError InvalidRequest(string description) => new("invalid_request", description);
}
