namespace TokenBroker.Local.Emulators;

/// <summary>
/// Wishtack: plain RFC 6749 with the secret in the form, user data beside the token, and a new pair with every refresh.
/// </summary>
internal sealed class EmulatedWishtack : EmulatedStandardProvider
{
    public override string Name => "wishtack";

    protected override string AuthorizePath => "/v1/oauth/authorize";

    protected override string TokenPath => "/v1/oauth/token";

    protected override int RefreshTokenLength => 40;

    public override IEnumerable<KeyValuePair<string, string?>> Registration(string section, string clientId) =>
        base.Registration(section, clientId).Append(new($"{section}:Scopes:0", "read"));

    protected override bool AreScopes(string[] scopes) => scopes is ["read"];

    protected override object Issue(Authorization authorization, string refreshToken, Dictionary<string, string> fields) => new
    {
        access_token = Tokens.NewValue(40),
        token_type = "bearer",
        expires_in = 2592000,
        refresh_token = refreshToken,
        scope = "read",
        wishtack_user_data = new
        {
            first_name = authorization.Player,
            last_name = "DOE",
            email = "j.doe@example.com",
            is_cool = "definitely not!"
        },
    };
}
