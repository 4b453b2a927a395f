namespace TokenBroker.SignIns;

/// <summary>The browser asks how far its sign-in has come.</summary>
public sealed class ShowSignIn(
    CodeEntries entries, ISessionStore store, AppCatalog apps, RightCodes rightCodes, TimeProvider time)
{
    /// <summary>Looks: 1 read while the access code waits, since its entry's key follows from the session id; else 2.</summary>
    /// <returns>What the browser is told; null when its session is unknown.</returns>
    internal async Task<SignInView?> RunAsync(SessionId id, CancellationToken cancellation)
    {
        var accessCode = AccessCode.Of(id);
        var entry = await entries.FindAsync(accessCode.Text, cancellation);
        // A device's tokens lie at the same place under another secret, and after a collision another session's tokens do.
        var content = entry is null ? null : CodeEntryContent.Open(entry, accessCode.Text);
        if (content?.Session == id.RowKey && apps.Find(content.App) is { } owner && owner.Find(content.Provider) is { } at)
        {
            var began = new SignInRequest(owner, at, content.Scopes)
            {
                CodeChallenge = content.CodeChallenge,
                DpopKey = content.DpopKey,
                Nonce = content.Nonce,
            };
            return new(SignInOutcome.AccessCodeWaits, began, IsForDevice: false);
        }

        var session = await store.FindAsync(id, cancellation);
        var app = session is null ? null : apps.Find(session.App);
        if (session is null || app is null)
            return null;
        if (app.Find(session.Provider ?? session.ChosenProvider) is not { } registration)
            return null;
        var request = SignInRequest.Of(session, id, app, registration);
        var hasEntry = request.RedirectUri is null
            ? entry is not null && session.IsForDevice
            : await entries.FindAsync(AuthorizationCode.Of(id), cancellation) is not null;
        var outcome = OutcomeOf(session, hasEntry, time.GetUtcNow());
        var hasNoEntry = outcome is SignInOutcome.Finishing or SignInOutcome.Over;
        if (hasNoEntry && rightCodes.Contains(CodeEntryContent.CodesOf(session, request, id).Code))
            outcome = request.RedirectUri is null ? SignInOutcome.AccessCodeRedeemed : SignInOutcome.GameSignedIn;
        return SignInView.Of(session, request, outcome);
    }

    /// <summary>
    /// What a session's record tells. It says that the session was claimed, not that the entry was stored: without an entry the claiming
    /// request is still at work, or the process died, or the access code was redeemed.
    /// </summary>
    internal static SignInOutcome OutcomeOf(Session session, bool hasEntry, DateTimeOffset now)
    {
        if (session.IsExpired(now))
            return SignInOutcome.Expired;
        return session.Status switch
        {
            SessionStatus.Pending => SignInOutcome.NotFinished,
            SessionStatus.Declined => SignInOutcome.Declined,
            SessionStatus.Failed => SignInOutcome.ProviderTrouble,
            SessionStatus.Redeemed => SignInOutcome.GameSignedIn,
            SessionStatus.Claimed when hasEntry => session.IsForDevice
                ? SignInOutcome.GameSignedIn
                : SignInOutcome.AuthorizationCodeWaits,
            SessionStatus.Claimed when now < session.ClaimedAt + Session.MaxCompletionTime => SignInOutcome.Finishing,
            SessionStatus.Claimed => SignInOutcome.Over,
            _ => throw new UnreachableException(),
        };
    }
}
