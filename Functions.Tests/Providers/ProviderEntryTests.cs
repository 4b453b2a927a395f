using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using TokenBroker.OAuth;
using TokenBroker.Providers;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Providers;

/// <summary>Every entry of providers.json: it validates, builds an authorize URL, and reads its vendor's reply.</summary>
public sealed class ProviderEntryTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    public static TheoryData<string> Names =>
        [.. ProviderCatalog.Embedded().All.Where(provider => provider.Protocol == Protocol.OAuth2).Select(provider => provider.Name)];

    [Fact]
    public void The_five_of_the_seeds_and_those_known_in_games_are_there() => Assert.Equal(
        [
            "lifescope", "aura", "webroot", "tachi", "wishtack", "discord", "twitch", "google", "microsoft", "github", "spotify",
                "epicgames",
            "osu", "battlenet", "facebook", "riot", "apple", "steam", "oauth2", "oidc",
        ],
        ProviderCatalog.Embedded().All.Select(provider => provider.Name));

    /// <summary>Those with endpoints of their own; OpenIdConnectTests shows the discovered ones.</summary>
    public static TheoryData<string> BuiltIn =>
        [.. ProviderCatalog.Embedded().All.Where(provider => provider is { Discovery: false,
            Protocol: Protocol.OAuth2 }).Select(provider => provider.Name)];

    [Theory]
    [MemberData(nameof(BuiltIn))]
    public async Task An_entry_builds_an_authorize_url(string name)
    {
        var provider = ProviderCatalog.Embedded().Find(name)!;
        var settings = new Dictionary<string, string?>
        {
            ["Apps:game:Provider"] = name,
            ["Apps:game:ClientId"] = "the client",
            ["Apps:game:ClientSecret"] = "secret",
            ["Apps:game:Domain"] = "studio.example.com",
            ["Apps:game:ClientKey"] = provider.ClientAssertion?.Algorithm == "ES256" ? TestKeys.P256 : TestKeys.Rsa,
            ["Apps:game:ClientKeyId"] = provider.ClientAuthentication is ClientAuthenticationStyle.PrivateKeyJwt or
                ClientAuthenticationStyle.SignedSecret ? "key" : null,
        };
        if (provider.ScopeUse != ScopeUse.None)
            settings["Apps:game:Scopes:0"] = provider.Scopes.Count > 0 ? provider.Scopes[0] : "some.scope";
        if (name == "oauth2")
            (settings["Apps:game:AuthorizationEndpoint"], settings["Apps:game:TokenEndpoint"]) =
                ("https://studio.example.com/a", "https://studio.example.com/t");
        await using var broker = await Broker.StartAsync(settings: settings);
        using var browser = broker.NewBrowser();

        var answer = await browser.GetAsync($"/create-session?app=game&scopes={settings.GetValueOrDefault("Apps:game:Scopes:0")}");

        Assert.Equal(302, answer.Status);
        Assert.StartsWith("https://", answer.Location, StringComparison.Ordinal);
        var query = QueryHelpers.ParseQuery(new Uri(answer.Location!).Query);
        var names = provider.AuthorizeParameters;
        Assert.Equal("the client", query[names.ClientId]);
        Assert.Equal(55, query[names.State].ToString().Length);
        Assert.Equal(names.RedirectUri is not null, query.ContainsKey("redirect_uri"));
        Assert.Equal(names.ResponseType is not null, query.ContainsKey("response_type"));
        Assert.Equal(provider.ScopeUse != ScopeUse.None, query.ContainsKey("scope"));
        Assert.Equal(provider.Pkce, query.ContainsKey("code_challenge"));
        Assert.All(provider.ExtraAuthorizeParameters, extra => Assert.Equal(extra.Value, query[extra.Key]));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void An_entry_reads_its_vendor_s_reply(string name)
    {
        var provider = ProviderCatalog.Embedded().Find(name)!;
        var text = File.ReadAllText(Repository.File("Functions.Tests", "Providers", "Replies", $"{name}.jsonc"));
        Assert.StartsWith($"// {provider.Docs.OriginalString}\n", text, StringComparison.Ordinal);
        using var bundle = JsonDocument.Parse(text, new() { CommentHandling = JsonCommentHandling.Skip });
        var members = bundle.RootElement.EnumerateObject().ToDictionary(member => member.Name, member => member.Value);

        var token = TokenReplyParser.Parse(
            HttpStatusCode.OK, Encoding.UTF8.GetBytes(bundle.RootElement.GetRawText()), provider, Now).Value!;

        Assert.Equal(members[provider.AccessTokenMember].GetString(), token.AccessToken);
        Assert.Equal(members.ContainsKey("token_type"), token.TokenType is not null);
        Assert.Equal(members.TryGetValue("expires_in", out var seconds)
            ? Now.AddSeconds(double.Parse(seconds.ToString(), System.Globalization.CultureInfo.InvariantCulture))
            : null, token.ExpiresAt);
        Assert.Equal(members.TryGetValue("refresh_token", out var refreshToken) ? refreshToken.GetString() : null, token.RefreshToken);
        Assert.Equal(members.ContainsKey("scope"), token.Scope is not null);
        Assert.DoesNotContain("[", token.Scope ?? "", StringComparison.Ordinal);
        string[] known = [provider.AccessTokenMember, "token_type", "expires_in", "refresh_token", "scope", "id_token"];
        Assert.Equal(members.Keys.Except(known).Order(), (token.Extra?.Keys ?? []).Order());
    }

    [Fact]
    public void The_table_of_providers_says_what_the_entries_say()
    {
        var table = File.ReadAllText(Repository.File("docs", "providers.md"));
        foreach (var provider in ProviderCatalog.Embedded().All)
            Assert.True(table.Contains(Row(provider), StringComparison.Ordinal), $"docs/providers.md needs this row:\n{Row(provider)}");
        var rows = table.Split('\n').Count(line => line.StartsWith("| [`", StringComparison.Ordinal));
        Assert.Equal(ProviderCatalog.Embedded().All.Count, rows);
    }

    private static string Row(Provider provider)
    {
        var scopes = provider.ScopeUse switch
        {
            ScopeUse.None => "none",
            _ when provider.Scopes.Count > 0 => $"{provider.Scopes.Count} known",
            ScopeUse.Optional => "optional, from `Scopes`",
            _ => "from `Scopes`",
        };
        var endpoints = provider.Discovery ? "discovered" : provider.AuthorizationEndpoint is null ? "from configuration"
            : provider.AuthorizationEndpoint.Contains("{domain}", StringComparison.Ordinal) ? "`Domain`" : "built in";
        var authentication = provider.Discovery ? "discovered"
            : provider.Protocol == Protocol.OpenId2 ? "none"
            : JsonNamingPolicy.CamelCase.ConvertName(provider.ClientAuthentication.ToString());
        var pkce = provider.Discovery ? "discovered" : YesNo(provider.Pkce);
        var userInfo = provider.Discovery ? "discovered" : provider.AuthorizationEndpoint is null ? "from configuration"
            : YesNo(provider.UserInfoEndpoint is not null);
        var body = JsonNamingPolicy.CamelCase.ConvertName(provider.BodyFormat.ToString());
        return $"| [`{provider.Name}`]({provider.Docs.OriginalString}) | {endpoints} | {scopes} | {authentication}, {body} | {pkce} " +
            $"| {YesNo(provider.Refresh)} | {userInfo} |";
    }

    private static string YesNo(bool value) => value ? "yes" : "no";
}
