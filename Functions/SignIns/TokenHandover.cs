namespace TokenBroker.SignIns;

/// <summary>Hands the tokens of a code entry to the game: exactly one caller gets them, whether or not the reply arrives.</summary>
public sealed partial class TokenHandover(
    ISessionStore store, ISecrets secrets, TokenClient tokenClient, IdTokens idTokens, BrokerMetrics metrics, TimeProvider time,
        ILogger<TokenHandover> logger)
{
    /// <summary>A token with less to live is refreshed before the game gets it.</summary>
    private static readonly TimeSpan MinLifetime = TimeSpan.FromSeconds(60);

    /// <summary>Redeems the entry: 1 conditional delete.</summary>
    /// <param name="registration">The registration that the tokens are of.</param>
    /// <param name="entry">The entry as it was read.</param>
    /// <param name="content">What was sealed in it.</param>
    /// <param name="dpopKey">The key that the game has proved, to which the refresh token is bound; null without a proof.</param>
    /// <param name="cancellation">Ends the wait, until the entry is redeemed.</param>
    /// <returns>The tokens, with the refresh token sealed; null when another caller was first.</returns>
    internal async Task<TokenReply?> RedeemAsync(
        Registration registration, CodeEntry entry, CodeEntryContent content, string? dpopKey, CancellationToken cancellation)
    {
        // What is needed afterwards is fetched before the entry is gone: a vault that is down must not cost the player the tokens.
        var keys = await secrets.ProtectionKeysAsync(cancellation);
        var signingKey = content.WantsIdToken ? await idTokens.KeyAsync(cancellation) : null;
        var mustRefresh = MustRefresh(registration, content.Tokens);
        if (mustRefresh)
            await secrets.ClientSecretAsync(registration, cancellation);
        // A game that goes away does not end this: a delete that is cut off may have happened.
        if (!await store.TryRedeemAsync(entry, CancellationToken.None))
            return null;

        metrics.Redeemed("ok");
        Log.Redeemed(logger, registration.AppName);
        var tokens = mustRefresh ? await RefreshAsync(registration, content) : content.Tokens;
        // Entries of earlier versions still hold the provider's own ID token there.
        if (tokens.Extra?.ContainsKey("id_token") == true)
            tokens = tokens with { Extra = tokens.Extra.Where(each => each.Key != "id_token").ToDictionary() };
        var granted = content.GrantedScopes(registration);
        if (!registration.HasCredential)
            tokens = WithIdentityToken(tokens, registration, content, granted, keys.Current(time.GetUtcNow()));
        var sealedTokens = SealedRefreshToken.SealInto(
            tokens, registration, granted, dpopKey, content.Player, keys.Current(time.GetUtcNow()));
        return signingKey is null
            ? sealedTokens
            : sealedTokens with
            {
                IdToken = idTokens.Make(signingKey, registration, content.Player!, content.Nonce, granted, tokens.AccessToken),
                Scope = tokens.Scope is null ? null : string.Join(' ', granted),
            };
    }

    /// <summary>The provider named the player and gave no token: every reply must have one.</summary>
    private TokenReply WithIdentityToken(
        TokenReply tokens, Registration registration, CodeEntryContent content, IReadOnlyList<string> granted, ProtectionKey key)
    {
        var claims = IdTokens.Claims(registration, content.Player!.Identity, granted);
        var expiresAt = time.GetUtcNow() + IdentityToken.Lifetime;
        var json = JsonSerializer.Serialize(claims, IdentityTokenJson.Default.DictionaryStringObject);
        var token = new IdentityToken(registration.AppName, registration.Name, json, expiresAt).Seal(key);
        return tokens with { AccessToken = token, ExpiresAt = expiresAt };
    }

    private bool MustRefresh(Registration registration, TokenReply tokens) =>
        registration.Provider.Refresh && tokens.RefreshToken is not null && tokens.ExpiresAt < time.GetUtcNow() + MinLifetime;

    /// <summary>
    /// Refreshes tokens that are about to expire: some live less than the five minutes that an entry may wait. It comes after the
    /// redemption, so that of many callers one refreshes. Whatever fails here, the game gets the old tokens, and can refresh by itself.
    /// </summary>
    private async Task<TokenReply> RefreshAsync(Registration registration, CodeEntryContent content)
    {
        var old = content.Tokens;
        try
        {
            var result = await tokenClient.RefreshAsync(
                registration, old.RefreshToken!, registration.ProviderScopes(content.GrantedScopes(registration)), isNarrowed: false);
            return result.Succeeded ? Merge(old, result.Value) : old;
        }
#pragma warning disable CA1031 // The entry is gone: the tokens must reach the game.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.NotRefreshed(logger, registration.AppName, exception.GetBaseException().GetType().Name);
            return old;
        }
    }

    /// <summary>What only the sign-in brought, such as a profile, is not repeated by a refresh, and stays.</summary>
    private static TokenReply Merge(TokenReply old, TokenReply refreshed)
    {
        var extra = new Dictionary<string, JsonElement>();
        foreach (var (name, value) in (old.Extra ?? extra).Concat(refreshed.Extra ?? extra).ToList())
            extra[name] = value;
        return refreshed with
        {
            TokenType = refreshed.TokenType ?? old.TokenType,
            Scope = refreshed.Scope ?? old.Scope,
            Extra = extra.Count > 0 ? extra : null,
        };
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Tokens handed to a game of app {App}")]
        public static partial void Redeemed(ILogger logger, string app);

        [LoggerMessage(2, LogLevel.Warning,
            "Tokens of app {App} that are about to expire were handed over without a refresh: {Exception}")]
        public static partial void NotRefreshed(ILogger logger, string app, string exception);
    }
}
