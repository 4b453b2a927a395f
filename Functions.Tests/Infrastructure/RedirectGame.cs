using System.Web;
using TokenBroker.Crypto;

namespace TokenBroker.Tests.Infrastructure;

/// <summary>A game that signs its player in by redirect: it makes the address for the browser, and redeems what comes back.</summary>
/// <param name="game">Its calls to the broker.</param>
/// <param name="app">Its <c>client_id</c>.</param>
/// <param name="redirectUri">Its redirect URI.</param>
internal sealed class RedirectGame(Game game, string app = "lifescope", string redirectUri = RedirectGame.Loopback)
{
    /// <summary>A port of the player's own machine.</summary>
    public const string Loopback = "http://127.0.0.1:51234/callback";

    /// <summary>The game's PKCE verifier.</summary>
    public const string Verifier = "a-verifier-of-43-unreserved-characters-1234";

    /// <summary>What comes back with the player.</summary>
    public string State { get; init; } = "the game's state";

    /// <summary>What it asks for; null for nothing.</summary>
    public string? Scope { get; init; } = "basic";

    /// <summary>The address to open, with parameters beside or in place of the usual ones; one that is null is left out.</summary>
    public string Address(params (string Name, string? Value)[] changes)
    {
        var parameters = new Dictionary<string, string?>
        {
            ["response_type"] = "code",
            ["client_id"] = app,
            ["redirect_uri"] = redirectUri,
            ["scope"] = Scope,
            ["state"] = State,
            ["code_challenge"] = Pkce.Challenge(Verifier),
            ["code_challenge_method"] = "S256",
        };
        foreach (var (name, value) in changes)
            parameters[name] = value;
        return "/authorize?" + string.Join('&', parameters.Where(parameter => parameter.Value is not null)
            .Select(parameter => $"{parameter.Key}={Uri.EscapeDataString(parameter.Value!)}"));
    }

    /// <summary>Sends the player through the sign-in.</summary>
    /// <returns>What came back to the redirect URI, by name.</returns>
    public async Task<Dictionary<string, string>> SignInAsync(
        Browser browser, string decision = "approve", params (string Name, string? Value)[] changes)
    {
        var back = await browser.DecideAsync(await browser.OpenAsync(Address(changes)), decision);
        return ParametersOf(await browser.GetAsync(back.Location!));
    }

    /// <summary>The parameters of a redirect to the game.</summary>
    public Dictionary<string, string> ParametersOf(Answer answer)
    {
        Assert.True(answer.Status is 302 or 303, $"{answer.Status} {answer.Body}");
        Assert.StartsWith(redirectUri + (redirectUri.Contains('?', StringComparison.Ordinal) ? '&' : '?'), answer.Location,
            StringComparison.Ordinal);
        return QueryOf(answer.Location!);
    }

    /// <summary>The parameters in an address.</summary>
    public static Dictionary<string, string> QueryOf(string address)
    {
        Assert.DoesNotContain('#', address);
        var query = HttpUtility.ParseQueryString(address[(address.IndexOf('?', StringComparison.Ordinal) + 1)..]);
        return query.AllKeys.ToDictionary(name => name!, name => query[name]!);
    }

    /// <summary>Redeems a code, with fields beside or in place of the usual ones; one that is null is left out.</summary>
    public Task<Reply> RedeemAsync(string code, params (string Name, string? Value)[] changes)
    {
        var fields = new Dictionary<string, string?>
        {
            ["grant_type"] = "authorization_code",
            ["code"] = code,
            ["redirect_uri"] = redirectUri,
            ["client_id"] = app,
            ["code_verifier"] = Verifier,
        };
        foreach (var (name, value) in changes)
            fields[name] = value;
        return game.PostAsync("/token", [.. fields.Where(field => field.Value is not null).Select(field => (field.Key, field.Value!))]);
    }
}
