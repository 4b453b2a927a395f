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
/// <param name="Protocol">What it speaks.</param>
/// <param name="ClaimedIdPrefix">With OpenID 2.0, what the claimed identifiers begin with that are the provider's own.</param>
/// <param name="Denials">Error codes beside <c>access_denied</c> with which the provider says that the player declined.</param>
/// <param name="JwksUri">Where the keys of its ID tokens are (RFC 7517), where it does not describe itself.</param>
/// <param name="Identity">Who a player is, where the provider can tell; null where it names nobody.</param>
/// <param name="ClientAssertion">
/// How the JWT is made by which the client authenticates (RFC 7523); null where there is no other way than a secret.
/// </param>
/// <param name="DenialWithoutState">Whether a denial that comes back without state is believed for the session in the cookie.</param>
/// <param name="Label">What stands on the button that leads to the provider, as its brand rules ask.</param>
/// <param name="Mark">The provider's mark for that button, as a data URI; null where it gives none to draw.</param>
/// <param name="BrandRules">Where the rules are; null where none are published.</param>
/// <param name="ScopeKinds">What players are told of scopes, beside those of OpenID Connect.</param>
/// <param name="RedirectHosts">Which hosts it takes in a redirect URI that is not https; null where that is not known.</param>
/// <param name="TellsWrongSecret">
/// Whether the token endpoint checks the client before the code, so that a made-up code tells whether a secret is right.
/// </param>
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
    Protocol Protocol = Protocol.OAuth2,
    string? ClaimedIdPrefix = null,
    IReadOnlyList<string>? Denials = null,
    string? JwksUri = null,
    IdentityMapping? Identity = null,
    ClientAssertion? ClientAssertion = null,
    bool DenialWithoutState = false,
    ButtonLabel Label = ButtonLabel.ContinueWith,
    string? Mark = null,
    Uri? BrandRules = null,
    IReadOnlyDictionary<string, ScopeKind>? ScopeKinds = null,
    RedirectHosts? RedirectHosts = null,
    bool TellsWrongSecret = false)
{
    /// <summary>OpenID Connect Core 1.0 §5.4 and §11.</summary>
    private static readonly Dictionary<string, ScopeKind> StandardScopeKinds = new(StringComparer.OrdinalIgnoreCase)
    {
        ["openid"] = ScopeKind.Identity,
        ["profile"] = ScopeKind.Profile,
        ["email"] = ScopeKind.Email,
        ["offline_access"] = ScopeKind.Offline,
    };


    /// <summary>
    /// Stands in an issuer for the tenant that the ID token names as <c>tid</c>
    /// (https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference).
    /// </summary>
    internal const string TenantId = "{tenantid}";

    /// <summary>The entry's name.</summary>
    internal string Name { get; init; } = "";

    /// <summary>The scopes that exist, in the provider's spelling; empty when it has no fixed list.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = Scopes ?? [];

    /// <summary>Scopes that are granted without being repeated in the reply.</summary>
    public IReadOnlyList<string> UnechoedScopes { get; init; } = UnechoedScopes ?? [];

    /// <summary>Error codes beside <c>access_denied</c> that say that the player declined.</summary>
    public IReadOnlyList<string> Denials { get; init; } = Denials ?? [];

    /// <summary>RFC 6749 §5.2 codes for the error codes of the provider's own.</summary>
    public IReadOnlyDictionary<string, string> Errors { get; init; } = Errors ?? new Dictionary<string, string>();

    /// <summary>What players are told of scopes.</summary>
    public IReadOnlyDictionary<string, ScopeKind> ScopeKinds { get; init; } = ScopeKinds ?? new Dictionary<string, ScopeKind>();

    /// <summary>What players are told of a scope; null where nothing is known of it.</summary>
    internal ScopeKind? KindOf(string scope)
    {
        if (ScopeKinds.TryGetValue(scope, out var own))
            return own;
        return StandardScopeKinds.TryGetValue(scope, out var standard) ? standard : null;
    }

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

    /// <summary><c>client_assertion</c>: a JWT that the client's key has signed (RFC 7523 §2.2).</summary>
    PrivateKeyJwt,

    /// <summary>Such a JWT in the place of the secret in the body, as Apple has it.</summary>
    SignedSecret,
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

/// <summary>The wording of a button that leads to a provider.</summary>
public enum ButtonLabel
{
    /// <summary>"Continue with …".</summary>
    ContinueWith,

    /// <summary>"Sign in with …".</summary>
    SignInWith,

    /// <summary>"Sign in through …".</summary>
    SignInThrough,
}

/// <summary>What a scope comes to, in words for players.</summary>
public enum ScopeKind
{
    /// <summary>Who the player is.</summary>
    Identity,

    /// <summary>Name and picture.</summary>
    Profile,

    /// <summary>The e-mail address.</summary>
    Email,

    /// <summary>Friends and contacts.</summary>
    Friends,

    /// <summary>Games, playlists and other content that the player owns.</summary>
    Library,

    /// <summary>What the player plays and does.</summary>
    Activity,

    /// <summary>Where the player is.</summary>
    Location,

    /// <summary>Access while the player is away.</summary>
    Offline,
}

/// <summary>Which hosts a provider takes in a redirect URI that is not https, as in local runs.</summary>
/// <param name="PlainHttp">The kinds of hosts; empty for none.</param>
/// <param name="Docs">Where the vendor says so.</param>
public sealed record RedirectHosts(IReadOnlyList<HostKind> PlainHttp, Uri Docs);

/// <summary>A kind of host.</summary>
public enum HostKind
{
    /// <summary><c>localhost</c>.</summary>
    Localhost,

    /// <summary><c>127.0.0.1</c> and <c>[::1]</c>.</summary>
    LoopbackAddress,

    /// <summary>An address of a private network, such as <c>192.168.1.5</c>.</summary>
    PrivateAddress,
}

/// <summary>What a provider speaks.</summary>
public enum Protocol
{
    /// <summary>RFC 6749.</summary>
    OAuth2,

    /// <summary>OpenID Authentication 2.0: it names the player, and there are no tokens.</summary>
    OpenId2,
}

/// <summary>Where a provider tells who the player is, and where it says what (OpenID Connect Core 1.0 §5.1).</summary>
/// <remarks>
/// A place is a path of member names and array indices with dots between them, alternatives with <c>|</c> between them, or a text with
/// paths in braces.
/// </remarks>
/// <param name="Source">What tells it.</param>
/// <param name="Subject">Where the id is that the player keeps.</param>
/// <param name="Name">Where the name is.</param>
/// <param name="Picture">Where the address of the picture is.</param>
/// <param name="Email">Where the e-mail address is.</param>
/// <param name="EmailVerified">Where the provider says that it has verified that address.</param>
/// <param name="Scopes">
/// What the broker's own scopes <c>openid</c>, <c>profile</c> and <c>email</c> need at a provider that does not know them.
/// </param>
public sealed record IdentityMapping(
    IdentitySource Source,
    string Subject,
    string? Name = null,
    string? Picture = null,
    string? Email = null,
    string? EmailVerified = null,
    IReadOnlyDictionary<string, IReadOnlyList<string>>? Scopes = null)
{
    /// <summary>What the broker's own scopes need at the provider.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Scopes { get; init; } =
        Scopes ?? new Dictionary<string, IReadOnlyList<string>>();
}

/// <summary>What tells who the player is.</summary>
public enum IdentitySource
{
    /// <summary>The user endpoint, asked with the player's access token.</summary>
    UserInfo,

    /// <summary>The reply that brought the access token.</summary>
    TokenReply,

    /// <summary>The provider's own ID token, and its user endpoint for what that leaves out.</summary>
    IdToken,
}

/// <summary>How the JWT is made by which a client authenticates (RFC 7523 §3).</summary>
/// <param name="Algorithm">The signature algorithm: RS256, PS256 or ES256.</param>
/// <param name="KeyHeader">What names the key in the header: <c>kid</c> or <c>x5t#S256</c>.</param>
/// <param name="Audience">
/// <c>aud</c>, where the provider wants another than its issuer, or its token endpoint where no issuer is known.
/// </param>
public sealed record ClientAssertion(string Algorithm, string KeyHeader = "kid", string? Audience = null);
