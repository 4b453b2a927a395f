namespace TokenBroker.Providers;

/// <summary>
/// How to talk to one OAuth 2 authorization server: its dialect. One entry of providers.json, which
/// providers.schema.json describes field by field.
/// </summary>
/// <param name="Docs">The vendor's documentation, which every other field can be checked against.</param>
/// <param name="DisplayName">What players know the provider as.</param>
/// <param name="AuthorizationEndpoint">Where browsers are sent (RFC 6749 §3.1); may hold <c>{domain}</c>.</param>
/// <param name="TokenEndpoint">Where codes and refresh tokens are exchanged (RFC 6749 §3.2); may hold <c>{domain}</c>.</param>
/// <param name="RevocationEndpoint">Where tokens are revoked (RFC 7009); may hold <c>{domain}</c>; null where there is none.</param>
/// <param name="UserInfoEndpoint">
/// Where the player's profile is read with the access token; may hold <c>{domain}</c>; null where there is none.
/// </param>
/// <param name="UserInfoParameters">Fixed query parameters of the user endpoint.</param>
/// <param name="Issuer">
/// The issuer identifier (RFC 8414 §2), which a callback's <c>iss</c> must equal (RFC 9207); may hold <c>{domain}</c>.
/// </param>
/// <param name="Discovery">Whether endpoints and capabilities come from the issuer's OpenID Connect discovery document.</param>
/// <param name="ScopeUse">Whether a game must, may or cannot ask for scopes.</param>
/// <param name="Scopes">The scopes that exist, in the provider's spelling; none when it has no fixed list.</param>
/// <param name="ScopeSeparator">What stands between scopes: a space (RFC 6749 §3.3) unless the provider documents another.</param>
/// <param name="AuthorizeParameters">The names of the authorize parameters where they are not RFC 6749's.</param>
/// <param name="ExtraAuthorizeParameters">Fixed parameters added to the authorize URL.</param>
/// <param name="Reauthenticate">
/// What is added to the authorize URL, or put in place of <paramref name="ExtraAuthorizeParameters"/>, so that the provider asks a player
/// whom it remembers, and does not sign them in silently.
/// </param>
/// <param name="Pkce">Whether the provider takes PKCE (RFC 7636, S256).</param>
/// <param name="ClientAuthentication">How the client authenticates at the token endpoint.</param>
/// <param name="BodyFormat">How the token request's body is written.</param>
/// <param name="ScopeInTokenRequest">Whether <c>scope</c> goes into token and refresh requests too.</param>
/// <param name="AccessTokenMember">The member that holds the access token.</param>
/// <param name="ReplyMember">
/// The member that wraps the reply; null when the reply stands bare. A reply without the wrapper is read bare.
/// </param>
/// <param name="UnechoedScopes">Scopes that are granted without being repeated in the reply's <c>scope</c>.</param>
/// <param name="Errors">RFC 6749 §5.2 codes for the error codes of the provider's own.</param>
/// <param name="Refresh">Whether refresh tokens exist (RFC 6749 §6).</param>
/// <param name="DenialWithoutState">Whether a denial that comes back without state is believed for the session in the cookie.</param>
public sealed record Provider(
    Uri Docs,
    string DisplayName,
    string? AuthorizationEndpoint = null,
    string? TokenEndpoint = null,
    string? RevocationEndpoint = null,
    string? UserInfoEndpoint = null,
    IReadOnlyDictionary<string, string>? UserInfoParameters = null,
    string? Issuer = null,
    bool Discovery = false,
    ScopeUse ScopeUse = ScopeUse.Required,
    IReadOnlyList<string>? Scopes = null,
    string ScopeSeparator = " ",
    AuthorizeParameters? AuthorizeParameters = null,
    IReadOnlyDictionary<string, string>? ExtraAuthorizeParameters = null,
    IReadOnlyDictionary<string, string>? Reauthenticate = null,
    bool Pkce = false,
    ClientAuthenticationStyle ClientAuthentication = ClientAuthenticationStyle.Post,
    BodyFormat BodyFormat = BodyFormat.Form,
    bool ScopeInTokenRequest = false,
    string AccessTokenMember = "access_token",
    string? ReplyMember = null,
    IReadOnlyList<string>? UnechoedScopes = null,
    IReadOnlyDictionary<string, string>? Errors = null,
    bool Refresh = true,
    bool DenialWithoutState = false)
{
    /// <summary>The entry's name.</summary>
    internal string Name { get; init; } = "";

    /// <summary>The scopes that exist, in the provider's spelling; empty when it has no fixed list.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = Scopes ?? [];

    /// <summary>Scopes that are granted without being repeated in the reply.</summary>
    public IReadOnlyList<string> UnechoedScopes { get; init; } = UnechoedScopes ?? [];

    /// <summary>RFC 6749 §5.2 codes for the error codes of the provider's own.</summary>
    public IReadOnlyDictionary<string, string> Errors { get; init; } = Errors ?? new Dictionary<string, string>();

    /// <summary>The names of the authorize parameters.</summary>
    public AuthorizeParameters AuthorizeParameters { get; init; } = AuthorizeParameters ?? new();

    /// <summary>Fixed query parameters of the user endpoint.</summary>
    public IReadOnlyDictionary<string, string> UserInfoParameters { get; init; } = UserInfoParameters ?? new Dictionary<string, string>();

    /// <summary>Fixed parameters added to the authorize URL.</summary>
    public IReadOnlyDictionary<string, string> ExtraAuthorizeParameters { get; init; } =
        ExtraAuthorizeParameters ?? new Dictionary<string, string>();

    /// <summary>What is added to the authorize URL so that the provider asks again.</summary>
    public IReadOnlyDictionary<string, string> Reauthenticate { get; init; } = Reauthenticate ?? new Dictionary<string, string>();
}

/// <summary>The names that the authorize parameters go by (RFC 6749 §4.1.1); null leaves one out.</summary>
/// <param name="ResponseType">The name of <c>response_type</c>.</param>
/// <param name="ClientId">The name of <c>client_id</c>.</param>
/// <param name="RedirectUri">The name of <c>redirect_uri</c>.</param>
/// <param name="Scope">The name of <c>scope</c>.</param>
/// <param name="State">The name of <c>state</c>, on the way there and back.</param>
/// <param name="LoginHint">
/// The name of <c>login_hint</c> (OpenID Connect Core 1.0 §3.1.2.1), where the provider takes one; null unless the entry says so.
/// </param>
public sealed record AuthorizeParameters(
    [property: JsonPropertyName("response_type")] string? ResponseType = "response_type",
    [property: JsonPropertyName("client_id")] string ClientId = "client_id",
    [property: JsonPropertyName("redirect_uri")] string? RedirectUri = "redirect_uri",
    [property: JsonPropertyName("scope")] string Scope = "scope",
    [property: JsonPropertyName("state")] string State = "state",
    [property: JsonPropertyName("login_hint")] string? LoginHint = null);

/// <summary>Whether a game asks for scopes.</summary>
public enum ScopeUse
{
    /// <summary>It must ask for at least one.</summary>
    Required,

    /// <summary>It may.</summary>
    Optional,

    /// <summary>The provider knows none; whatever is asked for is ignored.</summary>
    None,
}

/// <summary>How the client authenticates at the token endpoint (RFC 6749 §2.3.1).</summary>
public enum ClientAuthenticationStyle
{
    /// <summary>Client id and secret in the body.</summary>
    Post,

    /// <summary>HTTP Basic, both form-urlencoded first, as RFC 6749 §2.3.1 asks.</summary>
    Basic,

    /// <summary>HTTP Basic of the raw values (RFC 7617), for servers that do not decode them.</summary>
    BasicRaw,
}

/// <summary>How a token request's body is written.</summary>
public enum BodyFormat
{
    /// <summary>application/x-www-form-urlencoded (RFC 6749 §4.1.3).</summary>
    Form,

    /// <summary>application/json.</summary>
    Json,

    /// <summary>multipart/form-data.</summary>
    Multipart,
}
