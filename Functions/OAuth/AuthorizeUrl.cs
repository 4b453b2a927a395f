using Microsoft.AspNetCore.WebUtilities;

namespace TokenBroker.OAuth;

/// <summary>Where the player's browser is sent: the authorization request (RFC 6749 §4.1.1, RFC 7636 §4.3).</summary>
public sealed class AuthorizeUrl(Discovery discovery, BrokerOptions options)
{
    /// <summary>Builds the URL in the provider's dialect.</summary>
    /// <param name="request">What it says.</param>
    /// <param name="cancellation">Ends the wait for a provider that has to be discovered first.</param>
    /// <returns>The URL; null while the provider has not been discovered.</returns>
    public async ValueTask<Uri?> BuildAsync(AuthorizationRequest request, CancellationToken cancellation)
    {
        if (await discovery.ResolveAsync(request.Registration, cancellation) is not { } resolved)
            return null;
        var provider = resolved.Provider;
        if (provider.Protocol == Protocol.OpenId2)
            return OpenId2Url(resolved, request.State);
        var names = provider.AuthorizeParameters;
        var query = new List<KeyValuePair<string, string?>>();
        Add(names.ResponseType, "code");
        Add(names.ClientId, resolved.ClientId);
        Add(names.RedirectUri, options.Url(resolved.RedirectPath));
        if (request.Scopes.Count > 0)
            Add(names.Scope, string.Join(provider.ScopeSeparator, request.Scopes));
        Add(names.State, request.State);
        if (request.LoginHint is { } hint)
            Add(names.LoginHint, hint);
        if (request.Nonce is { } nonce)
            Add("nonce", nonce);
        if (provider.Pkce)
        {
            Add("code_challenge", Pkce.Challenge(request.CodeVerifier));
            Add("code_challenge_method", Pkce.Method);
        }
        var again = request.Reauthenticate ? provider.Reauthenticate : new Dictionary<string, string>();
        foreach (var (name, value) in provider.ExtraAuthorizeParameters.Where(extra => !again.ContainsKey(extra.Key)).Concat(again))
            Add(name, value);
        return new(QueryHelpers.AddQueryString(resolved.Endpoints.Authorization!.AbsoluteUri, query));

        void Add(string? name, string value)
        {
            if (name is not null)
                query.Add(new(name, value));
        }
    }

    /// <summary>The request of OpenID Authentication 2.0 §9.1, for whoever the player is.</summary>
    private Uri OpenId2Url(Registration registration, string state)
    {
        const string anybody = "http://specs.openid.net/auth/2.0/identifier_select";
        return new(QueryHelpers.AddQueryString(registration.Endpoints.Authorization!.AbsoluteUri, new Dictionary<string, string?>
        {
            ["openid.ns"] = OpenId2Client.Namespace,
            ["openid.mode"] = "checkid_setup",
            ["openid.claimed_id"] = anybody,
            ["openid.identity"] = anybody,
            ["openid.return_to"] = OpenId2Client.ReturnTo(options, registration, state),
            ["openid.realm"] = options.PublicUrl.AbsoluteUri,
        }));
    }
}

/// <summary>What the broker asks of a provider (RFC 6749 §4.1.1).</summary>
/// <param name="Registration">Where it asks.</param>
/// <param name="Scopes">The scopes.</param>
/// <param name="State"><c>state</c>. A secret.</param>
/// <param name="CodeVerifier">The PKCE verifier, whose challenge is sent where the provider takes one. A secret.</param>
/// <param name="Reauthenticate">Whether the provider is to ask a player whom it remembers, where it can.</param>
/// <param name="LoginHint">
/// Who the player may be (OpenID Connect Core 1.0 §3.1.2.1), which is sent where the provider takes it; null for no hint.
/// </param>
/// <param name="Nonce">What the provider's ID token must repeat; null where it gives none. A secret.</param>
public sealed record AuthorizationRequest(
    Registration Registration, IReadOnlyList<string> Scopes, string State, string CodeVerifier, bool Reauthenticate,
    string? LoginHint = null, string? Nonce = null)
{
    /// <summary>Shows nothing of its secrets.</summary>
    /// <returns>A fixed word.</returns>
    public override string ToString() => nameof(AuthorizationRequest);
}
