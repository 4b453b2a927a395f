using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.Tokens;

namespace TokenBroker.Local.Emulators;

/// <summary>
/// Apple: the answer is a form that the browser posts, with the name in it at the first sign-in only; the secret is a JWT under a P-256
/// key; a player who cancels brings <c>user_cancelled_authorize</c>; there is no user endpoint.
/// </summary>
internal sealed class EmulatedApple : EmulatedRiot
{
    private readonly HashSet<string> _known = [];

    public EmulatedApple()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        ClientKey = key.ExportPkcs8PrivateKeyPem();
    }

    public override string Name => "apple";

    protected override string AuthorizePath => "/auth/authorize";

    protected override string TokenPath => "/auth/token";

    protected override string KeysPath => "/auth/keys";

    protected override string UserInfoPath => "";

    protected override string[] Known => ["openid", "name", "email"];

    protected override string Audience => "https://appleid.apple.com";

    protected override string Algorithm => SecurityAlgorithms.EcdsaSha256;

    public override IEnumerable<KeyValuePair<string, string?>> Registration(string section, string clientId) =>
    [
        .. base.Registration(section, clientId).Where(setting => setting.Key != $"{section}:UserInfoEndpoint"),
        new($"{section}:ClientKeyIssuer", "DEMOTEAM01"),
    ];

    protected override string? FindProblem(IQueryCollection query, out Authorization authorization) =>
        base.FindProblem(query, out authorization) ??
            (query["response_mode"] == "form_post" ? null : "With these scopes the response mode must be form_post.");

    protected override IResult GoBack(Authorization authorization, string? code)
    {
        var fields = new Dictionary<string, string?> { ["state"] = authorization.State };
        if (code is null)
            fields["error"] = "user_cancelled_authorize";
        else
            fields["code"] = code;
        if (code is not null && authorization.Scopes.Contains("name") && _known.Add(authorization.Player))
            fields["user"] = JsonSerializer.Serialize(new { name = new { firstName = authorization.Player, lastName = "Appleseed" } });
        var inputs = fields.Select(field =>
            $"<input type=\"hidden\" name=\"{field.Key}\" value=\"{HtmlEncoder.Default.Encode(field.Value ?? "")}\">");
        return Results.Content($"""
            <!doctype html>
            <title>apple (emulated)</title>
            <form method="post" action="{HtmlEncoder.Default.Encode(authorization.RedirectUri)}">
            {string.Join('\n', inputs)}
            <noscript><button>Continue</button></noscript>
            </form>
            <script>document.forms[0].submit()</script>
            """, "text/html; charset=utf-8");
    }

    protected override bool IsClient(HttpRequest request, Dictionary<string, string> fields) =>
        request.BasicCredentials() is null && !fields.ContainsKey("client_assertion") &&
            IsSigned(fields.GetValueOrDefault("client_secret"), fields.GetValueOrDefault("client_id"), "DEMOTEAM01");

    protected override SecurityKey PublicKey()
    {
        var key = ECDsa.Create();
        key.ImportFromPem(ClientKey);
        return new ECDsaSecurityKey(ECDsa.Create(key.ExportParameters(includePrivateParameters: false)));
    }
}
