namespace TokenBroker.OAuth;

/// <summary>The one line that a failed call to a provider leaves in the log: what failed, and what to check.</summary>
internal static partial class ProviderCallLog
{
    /// <summary>Logs it.</summary>
    /// <param name="logger">The log.</param>
    /// <param name="registration">The registration.</param>
    /// <param name="call">What was asked for.</param>
    /// <param name="endpoint">Where.</param>
    /// <param name="failure">What the failure is taken for.</param>
    /// <param name="reply">The reply, of whose body nothing is logged but a known error code.</param>
    /// <param name="redirectUri">The redirect URI that the call named; null for none.</param>
    public static void Failed(
        ILogger logger, Registration registration, ProviderCall call, Uri endpoint, ProviderFailure failure, ProviderHttp.Reply reply,
        string? redirectUri = null)
    {
        var errorCode = TokenReplyParser.ErrorCode(reply.Body, registration.Provider) ?? "none";
        var check = CheckReply(registration, reply) ?? CheckFailure(registration, call, failure, reply, errorCode, redirectUri);
        Log.Failed(
            logger, registration.Name, registration.AppName, call, endpoint.Host, failure, reply.Status, errorCode, RequestTrace.Id, check);
    }

    /// <summary>What to check when the reply is missing or is no OAuth reply.</summary>
    private static string? CheckReply(Registration registration, ProviderHttp.Reply reply) => reply.Missing switch
    {
        NoReply.UnknownHost => $"The host name does not resolve (DNS): check {Key(registration, "Domain")} and the endpoints.",
        NoReply.PrivateHost => $"The host is in a private network: set {Key(registration, "AllowPrivateNetwork")} if that is meant.",
        NoReply.NoConnection => "No connection: check that the provider is up, the port, and the network between.",
        NoReply.NoTls => "TLS failed: check the provider's certificate, its host name, and this machine's clock.",
        NoReply.Timeout => $"It did not answer within {ProviderHttp.Timeout.TotalSeconds} seconds: see the provider's status page.",
        NoReply.Unreadable => "The connection was cut, or the reply was malformed or too long.",
        _ when reply.IsHtml => "It answered with HTML in place of JSON: the endpoint's address is wrong, or the provider is down.",
        _ => null,
    };

    private static string CheckFailure(
        Registration registration, ProviderCall call, ProviderFailure failure, ProviderHttp.Reply reply, string errorCode,
        string? redirectUri)
    {
        var credential = registration.Signs
            ? $"{Key(registration, "ClientKeyId")}, the client key and this machine's clock"
            : $"{Key(registration, "ClientId")} and the client secret ({Key(registration, AppSettings.ClientSecret)}, or " +
                $"{registration.Id}-client-secret in the vault)";
        var grant = call == ProviderCall.AuthorizationCode
            ? $"the redirect URI {redirectUri} must be registered at the provider to the letter; or the code had expired or was used"
            : "the refresh token has expired or was revoked: the player signs in again";
        if (errorCode == "redirect_uri_mismatch")
            return $"The redirect URI {redirectUri} must be registered at the provider, to the letter.";
        return failure switch
        {
            ProviderFailure.RefusedClient => $"It refused the client: check {credential}.",
            ProviderFailure.RefusedGrant => $"It refused the grant: {grant}.",
            ProviderFailure.RefusedGrantOrClient => $"It does not say why: check {credential}; if they are right, {grant}.",
            ProviderFailure.RefusedToken => "It refused the access token: expired, revoked, or another provider's.",
            ProviderFailure.InsufficientScope => "The access token lacks a scope: ask for more.",
            ProviderFailure.UnsupportedTokenType => "It revokes no tokens of this kind.",
            ProviderFailure.RefusedRequest => $"It refused the request: check the scopes, and the entry with {registration.Provider.Docs}",
            ProviderFailure.NoIdentity => "It cannot be believed.",
            _ when call == ProviderCall.Discovery && reply.Status == (int)HttpStatusCode.OK =>
                $"Its description is another issuer's or names no endpoints: check {Key(registration, "Issuer")}.",
            _ => "Trouble of the provider's own: see its status page.",
        };
    }

    private static string Key(Registration registration, string name) =>
        $"{registration.SectionPath.Replace(":", "__", StringComparison.Ordinal)}__{name}";

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning,
            "Call to {Provider} for app {App} failed: {Call} at {Host}: {Failure} (HTTP {Status}, error {ErrorCode}, trace id " +
            "{Reference}). {Check}")]
        public static partial void Failed(
            ILogger logger, string provider, string app, ProviderCall call, string host, ProviderFailure failure, int status,
            string errorCode, string reference, string check);
    }
}

/// <summary>What the broker asks of a provider.</summary>
internal enum ProviderCall
{
    /// <summary>Tokens for a code (RFC 6749 §4.1.3).</summary>
    AuthorizationCode,

    /// <summary>Tokens for a refresh token (RFC 6749 §6).</summary>
    RefreshToken,

    /// <summary>To revoke a token (RFC 7009).</summary>
    Revocation,

    /// <summary>The player's profile.</summary>
    UserInfo,

    /// <summary>The keys of its ID tokens (RFC 7517).</summary>
    Keys,

    /// <summary>Its description of itself (OpenID Connect Discovery 1.0).</summary>
    Discovery,

    /// <summary>Whether an answer is its own (OpenID Authentication 2.0 §11.4.2).</summary>
    Verification,
}
