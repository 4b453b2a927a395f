using System.Collections.Concurrent;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace TokenBroker.Local.Emulators;

/// <summary>Steam: OpenID 2.0, of which it says once whether an answer is its own.</summary>
internal sealed class EmulatedSteam : EmulatedProvider
{
    private const string Namespace = "http://specs.openid.net/auth/2.0";
    private const string Anybody = "http://specs.openid.net/auth/2.0/identifier_select";
    private const string Signed = "signed,op_endpoint,claimed_id,identity,return_to,response_nonce,assoc_handle";
    private readonly ConcurrentDictionary<string, string> _answers = new();

    public override string Name => "steam";

    /// <summary>Changes an answer before the browser brings it: what somebody in between does.</summary>
    public Action<Dictionary<string, string?>>? Tamper { get; set; }

    protected override string AuthorizePath => "/openid/login";

    protected override string TokenPath => "/openid/login";

    public override IEnumerable<KeyValuePair<string, string?>> Registration(string section, string clientId) =>
    [
        new($"{section}:AuthorizationEndpoint", AuthorizationEndpoint.AbsoluteUri),
        new($"{section}:TokenEndpoint", new Uri(Url, TokenPath).AbsoluteUri),
    ];

    protected override string? FindProblem(IQueryCollection query, out Authorization authorization)
    {
        var returnTo = query["openid.return_to"].ToString();
        authorization = new("", returnTo, null, []);
        var isRequest = query["openid.ns"] == Namespace && query["openid.mode"] == "checkid_setup" &&
            query["openid.claimed_id"] == Anybody && query["openid.identity"] == Anybody;
        return !isRequest ? "This is no request of OpenID 2.0."
            : !returnTo.StartsWith(query["openid.realm"].ToString(), StringComparison.Ordinal) ? "return_to is outside of the realm."
            : null;
    }

    protected override string Return(Authorization authorization, string? code)
    {
        if (code is null)
        {
            return QueryHelpers.AddQueryString(
                authorization.RedirectUri, new Dictionary<string, string?> { ["openid.ns"] = Namespace, ["openid.mode"] = "cancel" });
        }
        var id = $"https://steamcommunity.com/openid/id/{SteamIdOf(authorization.Player)}";
        var answer = new Dictionary<string, string?>
        {
            ["openid.ns"] = Namespace,
            ["openid.mode"] = "id_res",
            ["openid.op_endpoint"] = AuthorizationEndpoint.AbsoluteUri,
            ["openid.claimed_id"] = id,
            ["openid.identity"] = id,
            ["openid.return_to"] = authorization.RedirectUri,
            ["openid.response_nonce"] = Now.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) + code[..8],
            ["openid.assoc_handle"] = "1234567890",
            ["openid.signed"] = Signed,
        };
        answer["openid.sig"] = code;
        _answers[code] = Text(answer);
        Tamper?.Invoke(answer);
        return QueryHelpers.AddQueryString(authorization.RedirectUri, answer);
    }

    protected override async Task AnswerTokenAsync(HttpContext http)
    {
        var form = await http.Request.ReadFormAsync();
        var fields = form.ToDictionary(field => field.Key, field => (string?)field.Value.ToString());
        fields["openid.mode"] = "id_res";
        // Once, and to the letter.
        var isValid = form["openid.mode"] == "check_authentication" &&
            _answers.TryRemove(form["openid.sig"].ToString(), out var answer) && answer == Text(fields);
        await http.Response.WriteAsync($"ns:{Namespace}\nis_valid:{(isValid ? "true" : "false")}\n");
    }

    private static string Text(Dictionary<string, string?> fields) =>
        string.Join('\n', fields.OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => $"{field.Key}:{field.Value}"));

    private static BigInteger SteamIdOf(string player) =>
        76561197960265728 + new BigInteger(SHA256.HashData(Encoding.UTF8.GetBytes(player)).AsSpan(0, 4), isUnsigned: true);
}
