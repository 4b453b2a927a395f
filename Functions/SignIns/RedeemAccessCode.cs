namespace TokenBroker.SignIns;

/// <summary>The game redeems the access code that the player typed.</summary>
public sealed class RedeemAccessCode(CodeEntries entries, AppCatalog apps, RightCodes rightCodes, TokenHandover handover)
{
    /// <summary>Redeems a code: 1 read, 1 delete.</summary>
    /// <param name="typed">What the player typed.</param>
    /// <param name="codeVerifier">The PKCE verifier, where the sign-in began with a challenge.</param>
    /// <param name="app">
    /// The app that the game says it is; null when it does not say. A game that says so redeems for itself only.
    /// </param>
    /// <param name="dpopKey">The key that the game has proved (RFC 9449); null without a proof.</param>
    /// <param name="attempt">The attempt of the client's address, which counts if the code is wrong.</param>
    /// <param name="cancellation">Ends the wait.</param>
    internal async Task<Result<TokenReply, TokenRefusal>> RunAsync(
        string typed, string? codeVerifier, App? app, string? dpopKey, FailureLimiter.Attempt attempt, CancellationToken cancellation)
    {
        if (AccessCode.TryParse(typed) is not { } code)
            return await FailAsync(attempt);
        var found = await entries.FindAsync(code.Text, cancellation);
        if (found is null && rightCodes.Contains(code.Text))
            return TokenRefusal.UnknownExpiredOrUsed;
        if (found is null)
            return await FailAsync(attempt);

        var content = CodeEntryContent.Open(found, code.Text);
        if (content is null)
            return await FailAsync(attempt);
        if (app is not null && app.Name != content.App)
            return await FailAsync(attempt);
        // A wrong verifier does not spend the code: else whoever saw it over the player's shoulder could take it away.
        if (!Pkce.Verify(codeVerifier, content.CodeChallenge))
            return await FailAsync(attempt);
        if (apps.Find(content.App) is not { } owner || owner.Find(content.Provider) is not { } registration)
            return TokenRefusal.UnknownExpiredOrUsed;
        if (!DpopProofs.Suffices(dpopKey, content.DpopKey, owner.RequireDpop))
            return await FailAsync(attempt);

        attempt.Succeeded();
        rightCodes.Remember(code.Text);
        var tokens = await handover.RedeemAsync(registration, found.Entry, content, dpopKey, cancellation);
        return tokens is null ? TokenRefusal.UnknownExpiredOrUsed : tokens;
    }

    private static async Task<TokenRefusal> FailAsync(FailureLimiter.Attempt attempt)
    {
        await attempt.FailedAsync();
        return TokenRefusal.UnknownExpiredOrUsed;
    }
}
