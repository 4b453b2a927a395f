namespace TokenBroker.SignIns;

/// <summary>
/// The browser comes back from the provider: checks the answer, claims the session, exchanges the provider's code, stores the code entry.
/// Once claimed it runs to its end, whether or not the browser waits: the provider's code can be spent only once.
/// </summary>
public sealed partial class CompleteSignIn(
    ISessionStore store, ISecrets secrets, AppCatalog apps, Discovery discovery, TokenClient tokenClient, FailureLimiter failures,
    BrokerMetrics metrics, TimeProvider time, ILogger<CompleteSignIn> logger)
{
    /// <summary>Completes the sign-in: 1 read, 2 writes.</summary>
    /// <param name="id">What the browser holds of its session.</param>
    /// <param name="response">What the provider sent it back with.</param>
    /// <param name="address">The client's address, for which a refused code counts.</param>
    /// <param name="cancellation">Ends the wait, until the session is claimed.</param>
    /// <returns>What the browser is told; null when its session is unknown.</returns>
    internal async Task<SignInView?> RunAsync(
        SessionId id, AuthorizationResponse response, string address, CancellationToken cancellation)
    {
        var session = await store.FindAsync(id, cancellation);
        if (session is null || apps.Find(session.App) is not { } app)
            return null;
        var outcome = await CheckAsync(id, session, app, response, cancellation) ??
            await CompleteAsync(id, session, app, response, address, cancellation);
        return SignInView.Of(session, app, outcome);
    }

    /// <summary>Why this answer does not complete the session; null when it may.</summary>
    private async Task<SignInOutcome?> CheckAsync(
        SessionId id, Session session, App app, AuthorizationResponse response, CancellationToken cancellation)
    {
        if (session.IsExpired(time.GetUtcNow()))
            return SignInOutcome.Expired;
        var state = response.StateFor(app.Provider);
        // LifeScope sends denials without state: there the cookie alone says whose sign-in it is.
        var isStatelessDenial = response.IsDenial && state is null && app.Provider.DenialWithoutState;
        if (!isStatelessDenial)
        {
            if (!id.IsState(state))
                return SignInOutcome.WrongState;
            var issuer = await discovery.CheckIssuerAsync(app, response.Issuer, cancellation);
            if (issuer == IssuerCheck.Mismatch)
                return SignInOutcome.WrongState;
            if (issuer == IssuerCheck.Unknown)
                return SignInOutcome.ProviderTrouble;
        }
        // The first answer claims the session; those after it are told what became of it.
        if (session.Status == SessionStatus.Claimed)
            return SignInOutcome.AnotherRequestHasIt;
        if (session.Status != SessionStatus.Pending)
            return ShowSignIn.OutcomeOf(session, hasEntry: false, time.GetUtcNow());
        return null;
    }

    private async Task<SignInOutcome> CompleteAsync(
        SessionId id, Session session, App app, AuthorizationResponse response, string address, CancellationToken cancellation)
    {
        if (response.Error is not null)
            return await RefuseAsync(session, app, response.IsDenial);
        // RFC 6749 Appendix A.11. Many servers fail on anything else, and a failure of theirs does not count.
        if (response.Code is not { } code || code.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            return SignInOutcome.NoCode;

        using var attempt = await failures.TryEnterAsync(FailureKind.ProviderCode, address, cancellation);
        if (attempt is null)
            return SignInOutcome.TooManyFailures;
        // What is needed later is fetched before the claim: a vault that is down costs the player a reload, not the session.
        await secrets.ClientSecretAsync(app, CancellationToken.None);
        var now = time.GetUtcNow();
        var key = (await secrets.ProtectionKeysAsync(CancellationToken.None)).Current(now);
        var accessCode = AccessCode.Of(id);
        var claimed = await store.TryUpdateAsync(session.Claim(key.RowKeyOf(accessCode.Text), now), CancellationToken.None);
        if (claimed is null)
            return SignInOutcome.AnotherRequestHasIt;

        var result = await tokenClient.ExchangeAsync(app, code, id.CodeVerifier, claimed.Scopes);
        if (!result.Succeeded)
        {
            if (result.Failure.Value.IsRefusal())
                await attempt.FailedAsync();
            return await FailAsync(claimed, app, result.Failure.Value);
        }
        attempt.Succeeded();

        var content = new CodeEntryContent(claimed.RowKey, app.Name, claimed.CodeChallenge, claimed.Scopes, result.Value, claimed.DpopKey);
        var secret = claimed.IsForDevice ? DeviceCode.TokenSecretOf(id) : accessCode.Text;
        var entry = content.Seal(accessCode.Text, secret, key, claimed.ExpiresAt);
        if (entry.SealedContent.Length > CodeEntry.MaxContentLength)
        {
            Log.TooLarge(logger, app.Name, entry.SealedContent.Length);
            return await FailAsync(claimed, app, ProviderFailure.Trouble);
        }
        // An entry that is stored after its session's end could outlive the sweep that looks for it.
        if (claimed.IsExpired(time.GetUtcNow()))
        {
            metrics.SessionCompleted(app.Name, "expired");
            Log.TooLate(logger, app.Name);
            return SignInOutcome.Expired;
        }
        if (!await store.TryAddEntryAsync(entry, CancellationToken.None))
        {
            Log.Collision(logger, app.Name);
            return await FailAsync(claimed, app, ProviderFailure.Trouble);
        }
        metrics.SessionCompleted(app.Name, "ok");
        Log.Completed(logger, app.Name);
        return SignInOutcome.Completed;
    }

    /// <summary>The provider sent an error: the player declined, or it refused.</summary>
    private async Task<SignInOutcome> RefuseAsync(Session session, App app, bool isDenial)
    {
        var status = isDenial ? SessionStatus.Declined : SessionStatus.Failed;
        if (await store.TryUpdateAsync(session with { Status = status }, CancellationToken.None) is null)
            return SignInOutcome.AnotherRequestHasIt;
        metrics.SessionCompleted(app.Name, isDenial ? "declined" : "refused");
        Log.Refused(logger, app.Name, status);
        return isDenial ? SignInOutcome.Declined : SignInOutcome.ProviderTrouble;
    }

    /// <summary>Ends a claimed session. It points to no code entry any more: after a collision that is another's.</summary>
    private async Task<SignInOutcome> FailAsync(Session claimed, App app, ProviderFailure failure)
    {
        await store.TryUpdateAsync(claimed with { Status = SessionStatus.Failed, CodeEntryKey = null }, CancellationToken.None);
        metrics.SessionCompleted(app.Name, "failed");
        Log.Failed(logger, app.Name, failure);
        return failure == ProviderFailure.Timeout ? SignInOutcome.ProviderTimeout : SignInOutcome.ProviderTrouble;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Sign-in finished for app {App}")]
        public static partial void Completed(ILogger logger, string app);

        [LoggerMessage(2, LogLevel.Warning, "Sign-in failed for app {App}: {Failure}")]
        public static partial void Failed(ILogger logger, string app, ProviderFailure failure);

        [LoggerMessage(3, LogLevel.Information, "The provider of app {App} sent the player back without a code: {Status}")]
        public static partial void Refused(ILogger logger, string app, SessionStatus status);

        [LoggerMessage(4, LogLevel.Warning, "A sign-in of app {App} drew an access code that is in use; the player begins again")]
        public static partial void Collision(ILogger logger, string app);

        [LoggerMessage(5, LogLevel.Warning, "The provider of app {App} gave tokens of {Length} bytes, which is more than can be stored")]
        public static partial void TooLarge(ILogger logger, string app, int length);

        [LoggerMessage(6, LogLevel.Warning,
            "A sign-in of app {App} got its tokens after its five minutes were over; the player begins again")]
        public static partial void TooLate(ILogger logger, string app);
    }
}

/// <summary>What the provider sends the browser back with (RFC 6749 §4.1.2, RFC 9207).</summary>
/// <param name="Code">The provider's code. A secret.</param>
/// <param name="Error">The provider's error code.</param>
/// <param name="Issuer"><c>iss</c>.</param>
/// <param name="States">The values under each name that providers have for <c>state</c>. Secrets.</param>
internal sealed record AuthorizationResponse(string? Code, string? Error, string? Issuer, IReadOnlyDictionary<string, string?> States)
{
    /// <summary>Whether the player declined (RFC 6749 §4.1.2.1).</summary>
    public bool IsDenial => Error == "access_denied";

    /// <summary>The state under the provider's name for it.</summary>
    public string? StateFor(Provider provider) => States.GetValueOrDefault(provider.AuthorizeParameters.State);

    /// <summary>Shows nothing of the code.</summary>
    public override string ToString() => nameof(AuthorizationResponse);
}
