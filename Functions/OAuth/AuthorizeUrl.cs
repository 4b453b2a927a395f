using Microsoft.AspNetCore.WebUtilities;

namespace TokenBroker.OAuth;

/// <summary>Where the player's browser is sent: the authorization request (RFC 6749 §4.1.1, RFC 7636 §4.3).</summary>
public sealed class AuthorizeUrl(Discovery discovery, BrokerOptions options)
{
    /// <summary>Builds the URL in the provider's dialect.</summary>
    /// <param name="app">The app.</param>
    /// <param name="scopes">What it asks for.</param>
    /// <param name="state">The session's <c>state</c>.</param>
    /// <param name="codeVerifier">The session's PKCE verifier, whose challenge is sent where the provider takes one.</param>
    /// <param name="reauthenticate">Whether the provider is to ask a player whom it remembers, where it can.</param>
    /// <param name="cancellation">Ends the wait for a provider that has to be discovered first.</param>
    /// <returns>The URL; null while the provider has not been discovered.</returns>
    public async ValueTask<Uri?> BuildAsync(
        App app, IReadOnlyList<string> scopes, string state, string codeVerifier, bool reauthenticate,
        CancellationToken cancellation)
    {
        if (await discovery.ResolveAsync(app, cancellation) is not { } resolved)
            return null;
        var provider = resolved.Provider;
        var names = provider.AuthorizeParameters;
        var query = new List<KeyValuePair<string, string?>>();
        Add(names.ResponseType, "code");
        Add(names.ClientId, app.ClientId);
        Add(names.RedirectUri, options.RedirectUri.AbsoluteUri);
        if (scopes.Count > 0)
            Add(names.Scope, string.Join(provider.ScopeSeparator, scopes));
        Add(names.State, state);
        if (provider.Pkce)
        {
            Add("code_challenge", Pkce.Challenge(codeVerifier));
            Add("code_challenge_method", Pkce.Method);
        }
        var again = reauthenticate ? provider.Reauthenticate : new Dictionary<string, string>();
        foreach (var (name, value) in provider.ExtraAuthorizeParameters.Where(extra => !again.ContainsKey(extra.Key)).Concat(again))
            Add(name, value);
        return new(QueryHelpers.AddQueryString(resolved.Endpoints.Authorization!.AbsoluteUri, query));

        void Add(string? name, string value)
        {
            if (name is not null)
                query.Add(new(name, value));
        }
    }
}
