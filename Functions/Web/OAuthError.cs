namespace TokenBroker.Web;

/// <summary>
/// An expected failure of the protocol, as a game sees it (RFC 6749 §5.2). Neither part holds anything from a request or a provider.
/// </summary>
/// <param name="Error">The error code.</param>
/// <param name="Description">A sentence for the game's developer.</param>
/// <param name="Status">The HTTP status.</param>
public sealed record OAuthError(string Error, string Description, int Status = 400)
{
    /// <summary>Whether a device that polls gets it again and again, until its player has decided.</summary>
    internal bool IsPending => this == AuthorizationPending || this == SlowDown;

    /// <summary>The one answer for unknown, expired and used codes.</summary>
    public static readonly OAuthError InvalidGrant = new("invalid_grant",
        "The code is unknown, expired or already used. Upper and lower case matter, and a sign-in begun with a code_challenge needs its " +
        "code_verifier.");

    /// <summary>Too many wrong codes or refused tokens; how long to wait stands in Retry-After.</summary>
    public static readonly OAuthError TooManyAttempts =
        new("too_many_attempts", "Too many wrong codes or refused tokens came from this address; wait as Retry-After says.", 429);

    /// <summary>Storage or the vault does not answer; the code is still good.</summary>
    public static readonly OAuthError Unavailable =
        new("temporarily_unavailable", "The broker cannot reach its storage; try again.", 503);

    /// <summary>Something went wrong that should not have.</summary>
    public static readonly OAuthError ServerError = new("server_error", "The broker failed.", 500);

    /// <summary>The provider answered nonsense or reported trouble of its own.</summary>
    public static readonly OAuthError ProviderTrouble =
        new("temporarily_unavailable", "The provider did not answer properly; try again later.", 502);

    /// <summary>The provider did not answer in time.</summary>
    public static readonly OAuthError ProviderTimeout =
        new("temporarily_unavailable", "The provider did not answer in time; try again later.", 504);

    /// <summary>The provider refused the broker's credentials.</summary>
    public static readonly OAuthError ProviderRefusedClient =
        new("temporarily_unavailable", "The provider refused the broker's credentials; the game's operator must look at them.", 502);

    /// <summary>The provider refused the code or refresh token.</summary>
    public static readonly OAuthError ProviderRefusedGrant = new("invalid_grant", "The provider refused the grant.");

    /// <summary>The refresh token was altered, belongs to another app, or its key is retired.</summary>
    public static readonly OAuthError InvalidRefreshToken = new("invalid_grant", "The refresh token is not one of this game.");

    /// <summary>The DPoP proof is missing where one is needed, is by another key, or proves nothing (RFC 9449 §5).</summary>
    public static readonly OAuthError InvalidDpopProof = new("invalid_dpop_proof",
        "The header 'DPoP' must be a new proof by the game's key for this method and address; check the clock and 'jti'.");

    /// <summary>More was asked for than was granted (RFC 6749 §6).</summary>
    public static readonly OAuthError InvalidScope = new("invalid_scope", "A scope was asked for that was not granted.");

    /// <summary>The game is unknown here.</summary>
    public static readonly OAuthError InvalidClient = new("invalid_client", "'client_id' or 'app' names no game that is known here.");

    /// <summary>The grant type is none that the broker knows.</summary>
    public static readonly OAuthError UnsupportedGrantType =
        new("unsupported_grant_type",
            "The grant type must be authorization_code, refresh_token or urn:ietf:params:oauth:grant-type:device_code.");

    /// <summary>The game may not sign its players in in this way (RFC 6749 §4.1.2.1, §5.2).</summary>
    public static readonly OAuthError UnauthorizedClient =
        new("unauthorized_client", "The game may not use this flow: its setting 'Flows' does not list it.");

    /// <summary>The broker has no key for ID tokens.</summary>
    public static readonly OAuthError NoSigningKey =
        new("invalid_scope", "The broker makes no ID tokens: it has no 'id-token-signing-key'. Leave openid out.");

    /// <summary>Another response type than <c>code</c> was asked for (RFC 6749 §4.1.2.1).</summary>
    public static readonly OAuthError UnsupportedResponseType =
        new("unsupported_response_type", "The parameter 'response_type' must be 'code'.");

    /// <summary>The player may not be asked, and nobody is signed in here (OpenID Connect Core 1.0 §3.1.2.6).</summary>
    public static readonly OAuthError LoginRequired =
        new("login_required", "The player has to be asked: there is no sign-in with prompt=none.");

    /// <summary>Parameters in a JWT are not read (OpenID Connect Core 1.0 §3.1.2.6).</summary>
    public static readonly OAuthError RequestNotSupported =
        new("request_not_supported", "The parameter 'request' is not supported.");

    /// <summary>Parameters elsewhere are not fetched (OpenID Connect Core 1.0 §3.1.2.6).</summary>
    public static readonly OAuthError RequestUriNotSupported =
        new("request_uri_not_supported", "The parameter 'request_uri' is not supported.");

    /// <summary>The player has not decided yet (RFC 8628 §3.5).</summary>
    public static readonly OAuthError AuthorizationPending =
        new("authorization_pending", "The player has not finished yet; go on polling.");

    /// <summary>The device polls too fast (RFC 8628 §3.5).</summary>
    public static readonly OAuthError SlowDown = new("slow_down", "Wait five seconds more between polls, from now on.");

    /// <summary>The player, or the provider for them, said no (RFC 8628 §3.5).</summary>
    public static readonly OAuthError AccessDenied = new("access_denied", "The player declined.");

    /// <summary>The device code is older than five minutes (RFC 8628 §3.5).</summary>
    public static readonly OAuthError ExpiredToken = new("expired_token", "The device code has expired; begin again.");

    /// <summary>The provider could not be asked to revoke; the token must be taken to exist (RFC 7009 §2.2.1).</summary>
    public static readonly OAuthError RevocationUnavailable =
        new("temporarily_unavailable", "The provider could not revoke the token; try again.", 503);

    /// <summary>The provider revokes no tokens of this kind (RFC 7009 §2.2.1).</summary>
    public static readonly OAuthError UnsupportedTokenType =
        new("unsupported_token_type", "The provider revokes no tokens of this kind.");

    /// <summary>One address has begun too many sessions; how long to wait stands in Retry-After.</summary>
    public static readonly OAuthError TooManySessions =
        new("too_many_attempts", "Too many sign-ins were begun from this address; wait as Retry-After says.", 429);

    /// <summary>The body of a POST is no form.</summary>
    public static readonly OAuthError NoForm = InvalidRequest("The body must be application/x-www-form-urlencoded.");

    /// <summary>The body of a request is cut off, or in an encoding that nobody reads.</summary>
    public static readonly OAuthError UnreadableBody = InvalidRequest("The request's body cannot be read.");

    /// <summary>The body of a request is longer than 64 KiB.</summary>
    public static readonly OAuthError BodyTooLarge =
        InvalidRequest("The request's body must have at most 65536 bytes.") with { Status = 413 };

    /// <summary>The body of a request takes longer than ten seconds.</summary>
    public static readonly OAuthError BodyTooSlow =
        InvalidRequest("The request's body must arrive within ten seconds.") with { Status = 408 };

    /// <summary>Another site's page has sent the request, or has embedded the address.</summary>
    public static readonly OAuthError FromForeignPage =
        InvalidRequest("A page of another site may neither embed nor call this address; Broker__AllowedOrigins names those that may.");

    /// <summary>The request would decide what the Functions host tells of it.</summary>
    public static readonly OAuthError ForgedBindingData =
        InvalidRequest("A request may not have a parameter 'headers' or 'query'.");

    /// <summary>The broker stands behind Azure Front Door, and the request has gone round it.</summary>
    public static readonly OAuthError NotThroughFrontDoor =
        new("access_denied", "This address answers requests through its front door only.", 403);

    /// <summary>The metadata of another issuer was asked for.</summary>
    public static readonly OAuthError UnknownIssuer = new("invalid_request", "No issuer of this path is known here.", 404);

    /// <summary>The request brings no access token.</summary>
    public static readonly OAuthError MissingToken = new("invalid_token", "The header 'Authorization: Bearer' is missing.", 401);

    /// <summary>The access token is malformed, expired or revoked (RFC 6750 §3.1).</summary>
    public static readonly OAuthError InvalidToken = new("invalid_token", "The access token is malformed, expired or revoked.", 401);

    /// <summary>The access token does not reach so far (RFC 6750 §3.1).</summary>
    public static readonly OAuthError InsufficientScope = new("insufficient_scope", "The access token does not allow this.", 403);

    /// <summary>The game's provider has no user endpoint.</summary>
    public static readonly OAuthError NoUserEndpoint = InvalidRequest("The game's provider has no user endpoint.");

    /// <summary>A scope is missing, or is none that the game may ask for (RFC 6749 §3.3).</summary>
    /// <param name="problem">What is wrong, as a sentence.</param>
    /// <returns>The error.</returns>
    public static OAuthError UnknownScope(string problem) => new("invalid_scope", problem);

    /// <summary>What is wrong with the scopes or the provider that a game asks for.</summary>
    internal static OAuthError Of(Choices choices) =>
        choices.IsUnknownProvider ? InvalidRequest(choices.Problem) : UnknownScope(choices.Problem);

    /// <summary>A parameter is given more than once (RFC 6749 §3.2).</summary>
    /// <param name="name">The parameter.</param>
    /// <returns>The error.</returns>
    public static OAuthError Repeated(string name) => InvalidRequest($"The parameter '{name}' is given more than once.");

    /// <summary>A parameter is missing.</summary>
    /// <param name="name">The parameter.</param>
    /// <returns>The error.</returns>
    public static OAuthError Missing(string name) => InvalidRequest($"The parameter '{name}' is missing.");

    /// <summary>A parameter is missing, repeated or malformed.</summary>
    /// <param name="description">A sentence that names the parameter.</param>
    /// <returns>The error.</returns>
    public static OAuthError InvalidRequest(string description) => new("invalid_request", description);

    /// <summary>What a game is told when the broker refuses tokens.</summary>
    internal static OAuthError Of(TokenRefusal reason) => reason switch
    {
        TokenRefusal.UnknownExpiredOrUsed => InvalidGrant,
        TokenRefusal.AuthorizationPending => AuthorizationPending,
        TokenRefusal.SlowDown => SlowDown,
        TokenRefusal.Declined => AccessDenied,
        TokenRefusal.DeviceCodeExpired => ExpiredToken,
        TokenRefusal.UnknownRefreshToken => InvalidRefreshToken,
        TokenRefusal.NotProved => InvalidDpopProof,
        TokenRefusal.ScopeNotGranted => InvalidScope,
        TokenRefusal.ProviderRefusedGrant => ProviderRefusedGrant,
        TokenRefusal.ProviderRefusedClient => ProviderRefusedClient,
        TokenRefusal.ProviderTimeout => ProviderTimeout,
        TokenRefusal.ProviderTrouble => ProviderTrouble,
        _ => throw new UnreachableException(),
    };

    /// <summary>What a game is told when its provider fails.</summary>
    internal static OAuthError Of(ProviderFailure failure) => failure switch
    {
        ProviderFailure.RefusedClient => ProviderRefusedClient,
        ProviderFailure.RefusedGrant or ProviderFailure.RefusedGrantOrClient => ProviderRefusedGrant,
        ProviderFailure.RefusedToken => InvalidToken,
        ProviderFailure.InsufficientScope => InsufficientScope,
        ProviderFailure.UnsupportedTokenType => UnsupportedTokenType,
        ProviderFailure.NoEndpoint => NoUserEndpoint,
        ProviderFailure.Timeout => ProviderTimeout,
        ProviderFailure.RefusedRequest or ProviderFailure.NoIdentity or ProviderFailure.Trouble => ProviderTrouble,
        _ => throw new UnreachableException(),
    };
}
