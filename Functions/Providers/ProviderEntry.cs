using System.Text.Json;

namespace TokenBroker.Providers;

/// <summary>
/// One entry of providers.json, read field by field: the serializer would build its metadata first, which takes a tenth of a start (docs/decisions/0009).
/// </summary>
/// <param name="where">What it is called in errors.</param>
/// <param name="json">A JSON object; its unknown and wrong fields fail.</param>
internal sealed class ProviderEntry(string where, JsonElement json)
{
    private readonly List<string> _known = [];

    /// <summary>Reads the whole entry.</summary>
    /// <exception cref="ConfigurationException">A field is wrong, missing or unknown; the message names it.</exception>
    public static Provider Read(string where, string name, JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
            throw new ConfigurationException(where, "must be an object.");
        var entry = new ProviderEntry(where, json);
        var provider = new Provider(
            Docs: Uri.TryCreate(entry.Required("docs"), UriKind.Absolute, out var docs) ? docs : throw entry.Wrong("docs", "must be an absolute URL."),
            DisplayName: entry.Required("displayName"),
            AuthorizationEndpoint: entry.Endpoint("authorizationEndpoint"),
            TokenEndpoint: entry.Endpoint("tokenEndpoint"),
            RevocationEndpoint: entry.Endpoint("revocationEndpoint"),
            UserInfoEndpoint: entry.Endpoint("userInfoEndpoint"),
            UserInfoParameters: entry.Pairs("userInfoParameters"),
            Issuer: entry.Endpoint("issuer"),
            Discovery: entry.Flag("discovery"),
            ScopeUse: entry.Text("scopeUse") switch
            {
                null or "required" => ScopeUse.Required,
                "optional" => ScopeUse.Optional,
                "none" => ScopeUse.None,
                _ => throw entry.Wrong("scopeUse", "must be required, optional or none."),
            },
            Scopes: entry.Texts("scopes"),
            ScopeSeparator: entry.Text("scopeSeparator") ?? " ",
            AuthorizeParameters: entry.Names("authorizeParameters"),
            ExtraAuthorizeParameters: entry.Pairs("extraAuthorizeParameters"),
            Pkce: entry.Flag("pkce"),
            ClientAuthentication: entry.Text("clientAuthentication") switch
            {
                null or "post" => ClientAuthenticationStyle.Post,
                "basic" => ClientAuthenticationStyle.Basic,
                "basicRaw" => ClientAuthenticationStyle.BasicRaw,
                _ => throw entry.Wrong("clientAuthentication", "must be post, basic or basicRaw."),
            },
            BodyFormat: entry.Text("bodyFormat") switch
            {
                null or "form" => BodyFormat.Form,
                "json" => BodyFormat.Json,
                "multipart" => BodyFormat.Multipart,
                _ => throw entry.Wrong("bodyFormat", "must be form, json or multipart."),
            },
            ScopeInTokenRequest: entry.Flag("scopeInTokenRequest"),
            AccessTokenMember: entry.Text("accessTokenMember") ?? "access_token",
            ReplyMember: entry.Text("replyMember"),
            UnechoedScopes: entry.Texts("unechoedScopes"),
            Errors: entry.Pairs("errors"),
            Refresh: entry.Flag("refresh", otherwise: true),
            DenialWithoutState: entry.Flag("denialWithoutState"))
        { Name = name };
        entry.RefuseOthers();
        return provider is { Discovery: true, Issuer: null } ? throw entry.Wrong("discovery", "needs an issuer.") : provider;
    }

    private string Required(string field) => Text(field) ?? throw Wrong(field, "is missing.");

    private string? Text(string field) => TryFind(field, JsonValueKind.String, "must be a text.", out var value) ? value.GetString() : null;

    private bool Flag(string field, bool otherwise = false)
    {
        _known.Add(field);
        return !json.TryGetProperty(field, out var value) ? otherwise
            : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
            : throw Wrong(field, "must be true or false.");
    }

    private string? Endpoint(string field)
    {
        var url = Text(field);
        if (url is not null)
            WebAddress.Parse($"{where}, {field}", url.Replace("{domain}", "example.com", StringComparison.Ordinal));
        return url;
    }

    private List<string>? Texts(string field)
    {
        if (!TryFind(field, JsonValueKind.Array, "must be a list of texts.", out var values))
            return null;
        var texts = new List<string>();
        foreach (var value in values.EnumerateArray())
            texts.Add(value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Wrong(field, "must be a list of texts."));
        return texts;
    }

    private Dictionary<string, string>? Pairs(string field)
    {
        if (!TryFind(field, JsonValueKind.Object, "must be an object of texts.", out var values))
            return null;
        var pairs = new Dictionary<string, string>();
        foreach (var value in values.EnumerateObject())
            pairs[value.Name] = value.Value.ValueKind == JsonValueKind.String ? value.Value.GetString()! : throw Wrong(field, "must be an object of texts.");
        return pairs;
    }

    private AuthorizeParameters? Names(string field)
    {
        if (!TryFind(field, JsonValueKind.Object, "must be an object.", out var value))
            return null;
        var names = new ProviderEntry($"{where}, {field}", value);
        var standard = new AuthorizeParameters();
        var parameters = new AuthorizeParameters(
            names.NameOrNone("response_type"), names.Text("client_id") ?? standard.ClientId, names.NameOrNone("redirect_uri"), names.Text("scope") ?? standard.Scope, names.Text("state") ?? standard.State);
        names.RefuseOthers();
        return parameters;
    }

    /// <summary>A parameter's name: its own unless the entry has another; null where the entry says so.</summary>
    private string? NameOrNone(string field)
    {
        if (!json.TryGetProperty(field, out var value) || value.ValueKind != JsonValueKind.Null)
            return Text(field) ?? field;
        _known.Add(field);
        return null;
    }

    private bool TryFind(string field, JsonValueKind kind, string problem, out JsonElement value)
    {
        _known.Add(field);
        return json.TryGetProperty(field, out value) && (value.ValueKind == kind ? true : throw Wrong(field, problem));
    }

    private void RefuseOthers()
    {
        foreach (var field in json.EnumerateObject())
        {
            if (!_known.Contains(field.Name))
                throw Wrong(field.Name, "is unknown.");
        }
    }

    private ConfigurationException Wrong(string field, string problem) => new($"{where}, {field}", problem);
}
