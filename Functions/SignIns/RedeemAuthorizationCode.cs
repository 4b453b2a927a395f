namespace TokenBroker.SignIns;

/// <summary>The game redeems the authorization code that its player came back with (RFC 6749 §4.1.3).</summary>
public sealed class RedeemAuthorizationCode(CodeEntries entries, RightCodes rightCodes, TokenHandover handover)
{
    /// <summary>
    /// Redeems a code: 1 read, 1 delete. A wrong app, redirect URI or verifier does not spend it: else whoever saw it could take it from
    /// the game. Nobody guesses 256 bits, so failures are not counted.
    /// </summary>
    /// <param name="app">The app that the game says it is.</param>
    /// <param name="code">The code.</param>
    /// <param name="redirectUri">The redirect URI that <c>/authorize</c> was given.</param>
    /// <param name="codeVerifier">The PKCE verifier (RFC 7636 §4.5).</param>
    /// <param name="dpopKey">The key that the game has proved (RFC 9449); null without a proof.</param>
    /// <param name="cancellation">Ends the wait.</param>
    internal async Task<Result<TokenReply, TokenRefusal>> RunAsync(
        App app, string code, string redirectUri, string codeVerifier, string? dpopKey, CancellationToken cancellation)
    {
        if (!AuthorizationCode.IsOne(code))
            return TokenRefusal.UnknownExpiredOrUsed;
        var found = await entries.FindAsync(code, cancellation);
        var content = found is null ? null : CodeEntryContent.Open(found, code);
        if (content is null || content.App != app.Name || app.Find(content.Provider) is not { } registration)
            return TokenRefusal.UnknownExpiredOrUsed;
        if (content.RedirectUri != redirectUri || !Pkce.Verify(codeVerifier, content.CodeChallenge))
            return TokenRefusal.UnknownExpiredOrUsed;
        if (!DpopProofs.Suffices(dpopKey, content.DpopKey, app.RequireDpop))
            return TokenRefusal.NotProved;

        rightCodes.Remember(code);
        var tokens = await handover.RedeemAsync(registration, found!.Entry, content, dpopKey, cancellation);
        return tokens is null ? TokenRefusal.UnknownExpiredOrUsed : tokens;
    }
}
