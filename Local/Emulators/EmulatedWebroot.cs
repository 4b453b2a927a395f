using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace TokenBroker.Local.Emulators;

/// <summary>
/// Webroot: HTTP Basic or the secret in the form, scopes required on every token request, tokens of 299 seconds, scopes as an array
/// inside a string.
/// </summary>
internal sealed class EmulatedWebroot : EmulatedStandardProvider
{
    private static readonly string[] Known = ["ECom.Shop", "SkyStatus.Reporting"];

    public override string Name => "webroot";

    protected override string AuthorizePath => "/auth/authorize";

    protected override string TokenPath => "/auth/token";

    protected override int RefreshTokenLength => 32;

    public override IEnumerable<KeyValuePair<string, string?>> Registration(string section, string clientId) =>
        base.Registration(section, clientId)
            .Concat(Known.Select((scope, index) => KeyValuePair.Create($"{section}:Scopes:{index}", (string?)scope)));

    protected override bool AreScopes(string[] scopes) =>
        scopes.Length > 0 && !scopes.Except(Known, StringComparer.OrdinalIgnoreCase).Any();

    protected override bool IsScopeFit(Dictionary<string, string> fields) => AreScopes(fields.GetValueOrDefault("scope", "").Split(' '));

    protected override bool IsClient(HttpRequest request, Dictionary<string, string> fields) =>
        request.BasicCredentials() is { } credentials ? IsClientId(credentials.Id) && credentials.Secret == ClientSecret : base.IsClient(
            request, fields);

    protected override object Issue(Authorization authorization, string refreshToken, Dictionary<string, string> fields) => new
    {
        access_token = Tokens.NewValue(230),
        token_type = "bearer",
        expires_in = 299,
        refresh_token = refreshToken,
        scope = JsonSerializer.Serialize(fields["scope"].Split(' ')),
    };
}
