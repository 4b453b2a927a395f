namespace TokenBroker.SignIns;

/// <summary>
/// The browser comes back from the provider: checks the answer, claims the session, exchanges the provider's code, stores the code entry.
/// Once claimed it runs to its end, whether or not the browser waits: the provider's code can be spent only once.
/// </summary>
public sealed partial class CompleteSignIn(
    ISessionStore store, ISecrets secrets, AppCatalog apps, Discovery discovery, TokenClient tokenClient, OpenId2Client openId2,
    ProviderIdentity identities, FailureLimiter failures, BrokerMetrics metrics, TimeProvider time, ILogger<CompleteSignIn> logger)
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
        var app = session is null ? null : apps.Find(session.App);
        if (session is null || app?.Find(session.Provider ?? session.ChosenProvider) is not { } registration)
            return null;
        var request = SignInRequest.Of(session, id, app, registration);
        var outcome = await CheckAsync(id, session, registration, response, cancellation) ??
            await CompleteAsync(id, session, request, response, address, cancellation);
        return SignInView.Of(session, request, outcome);
    }

    /// <summary>Why this answer does not complete the session; null when it may.</summary>
    private async Task<SignInOutcome?> CheckAsync(
        SessionId id, Session session, Registration registration, AuthorizationResponse response, CancellationToken cancellation)
    {
        if (session.IsExpired(time.GetUtcNow()))
            return SignInOutcome.Expired;
        if (!response.Path.Equals(registration.RedirectPath, StringComparison.OrdinalIgnoreCase))
            return SignInOutcome.WrongState;
        var state = response.StateFor(registration.Provider);
        // LifeScope sends denials without state: there the cookie alone says whose sign-in it is.
        var isStatelessDenial = response.IsDenial(registration.Provider) && state is null && registration.Provider.DenialWithoutState;
        if (!isStatelessDenial)
        {
            if (!AtProvider.IdOf(id, registration).IsState(state))
                return SignInOutcome.WrongState;
            var issuer = await discovery.CheckIssuerAsync(registration, response.Issuer, cancellation);
            if (issuer == IssuerCheck.Mismatch)
                return SignInOutcome.WrongState;
            if (issuer == IssuerCheck.Unknown)
                return SignInOutcome.NotDiscovered;
        }
        // The first answer claims the session; those after it are told what became of it.
        if (session.Status == SessionStatus.Claimed)
            return SignInOutcome.AnotherRequestHasIt;
        if (session.Status != SessionStatus.Pending)
            return ShowSignIn.OutcomeOf(session, hasEntry: false, time.GetUtcNow());
        return null;
    }

    private async Task<SignInOutcome> CompleteAsync(
        SessionId id, Session session, SignInRequest request, AuthorizationResponse response, string address,
        CancellationToken cancellation)
    {
        var (registration, scopes) = (request.Registration, request.Scopes);
        if (response.Error is not null || response.IsDenial(registration.Provider))
            return await RefuseAsync(session, response.IsDenial(registration.Provider));
        // RFC 6749 Appendix A.11. Many servers fail on anything else, and a failure of theirs does not count.
        var isOpenId2 = registration.Provider.Protocol == Protocol.OpenId2;
        var code = isOpenId2 ? response.OpenId2.GetValueOrDefault("openid.mode") : response.Code;
        if (code is null || code.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            return request.RedirectUri is null ? SignInOutcome.NoCode : await RefuseAsync(session, isDenial: false);

        using var attempt = await failures.TryEnterAsync(FailureKind.ProviderCode, address, cancellation);
        if (attempt is null)
            return SignInOutcome.TooManyFailures;
        // What is needed later is fetched before the claim: a vault that is down costs the player a reload, not the session.
        if (registration.HasCredential)
            await secrets.ClientSecretAsync(registration, CancellationToken.None);
        var now = time.GetUtcNow();
        var key = (await secrets.ProtectionKeysAsync(CancellationToken.None)).Current(now);
        var (entryCode, entrySecret) = CodeEntryContent.CodesOf(session, request, id);
        var claimed = await store.TryUpdateAsync(session.Claim(key.RowKeyOf(entryCode), now), CancellationToken.None);
        if (claimed is null)
            return SignInOutcome.AnotherRequestHasIt;

        var atProvider = AtProvider.IdOf(id, registration);
        var result = isOpenId2
            ? await openId2.VerifyAsync(registration, response.OpenId2, atProvider.State)
            : await tokenClient.ExchangeAsync(registration, code, atProvider.CodeVerifier, registration.ProviderScopes(scopes));
        if (!result.Succeeded)
        {
            if (result.Failure.Value.IsRefusal())
                await attempt.FailedAsync();
            return await FailAsync(claimed, result.Failure.Value);
        }
        attempt.Succeeded();

        SignedInPlayer? player = null;
        if (request.WantsIdentity || isOpenId2)
        {
            var wantsProfile = scopes.Contains("profile") || scopes.Contains("email");
            var who = await identities.ReadAsync(registration, result.Value, AtProvider.NonceOf(id, registration), wantsProfile);
            if (!who.Succeeded)
                return await FailAsync(claimed, who.Failure.Value);
            // Apple tells the name in the browser, once, and not in its token. No other provider's is believed from there.
            var isPosted = registration.Provider.ExtraAuthorizeParameters.GetValueOrDefault("response_mode") == "form_post";
            var identity = isPosted && who.Value.Name is null ? who.Value with { Name = response.Name } : who.Value;
            player = new(identity, time.GetUtcNow());
        }

        var content = new CodeEntryContent(
            claimed.RowKey, claimed.App, claimed.CodeChallenge, scopes, result.Value, claimed.DpopKey, registration.Name,
            request.RedirectUri)
        {
            Player = player,
            Nonce = request.Nonce,
        };
        var entry = content.Seal(entryCode, entrySecret, key, claimed.ExpiresAt);
        if (entry.SealedContent.Length > CodeEntry.MaxContentLength)
        {
            Log.TooLarge(logger, session.App, entry.SealedContent.Length);
            return await FailAsync(claimed, ProviderFailure.Trouble);
        }
        // An entry that is stored after its session's end could outlive the sweep that looks for it.
        if (claimed.IsExpired(time.GetUtcNow()))
        {
            metrics.SessionCompleted(session.App, "expired");
            Log.TooLate(logger, session.App);
            return SignInOutcome.Expired;
        }
        if (!await store.TryAddEntryAsync(entry, CancellationToken.None))
        {
            Log.Collision(logger, session.App);
            return await FailAsync(claimed, ProviderFailure.Trouble);
        }
        metrics.SessionCompleted(session.App, "ok");
        Log.Completed(logger, session.App);
        return SignInOutcome.Completed;
    }

    /// <summary>The provider sent an error: the player declined, or it refused.</summary>
    private async Task<SignInOutcome> RefuseAsync(Session session, bool isDenial)
    {
        var status = isDenial ? SessionStatus.Declined : SessionStatus.Failed;
        if (await store.TryUpdateAsync(session with { Status = status }, CancellationToken.None) is null)
            return SignInOutcome.AnotherRequestHasIt;
        metrics.SessionCompleted(session.App, isDenial ? "declined" : "refused");
        Log.Refused(logger, session.App, status);
        return isDenial ? SignInOutcome.Declined : SignInOutcome.ProviderTrouble;
    }

    /// <summary>Ends a claimed session. It points to no code entry any more: after a collision that is another's.</summary>
    private async Task<SignInOutcome> FailAsync(Session claimed, ProviderFailure failure)
    {
        await store.TryUpdateAsync(claimed with { Status = SessionStatus.Failed, CodeEntryKey = null }, CancellationToken.None);
        metrics.SessionCompleted(claimed.App, "failed");
        Log.Failed(logger, claimed.App, failure);
        return failure == ProviderFailure.Timeout ? SignInOutcome.ProviderTimeout : SignInOutcome.ProviderTrouble;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Sign-in finished for app {App}")]
        public static partial void Completed(ILogger logger, string app);

        [LoggerMessage(2, LogLevel.Information, "Sign-in failed for app {App}: {Failure}")]
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
/// <param name="Path">The path that it was sent to, below the public URL.</param>
/// <param name="States">The values under each name that providers have for <c>state</c>. Secrets.</param>
internal sealed record AuthorizationResponse(
    string? Code, string? Error, string? Issuer, string Path, IReadOnlyDictionary<string, string?> States)
{
    /// <summary>The name that the browser brought, which nobody has signed; null without.</summary>
    public string? Name { get; init; }

    /// <summary>The parameters <c>openid.…</c> of OpenID 2.0; empty without, or when one comes twice.</summary>
    public IReadOnlyDictionary<string, string> OpenId2 { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether the player declined (RFC 6749 §4.1.2.1, OpenID 2.0 §10.2.2).</summary>
    public bool IsDenial(Provider provider) => provider.Protocol == Protocol.OpenId2
        ? OpenId2.GetValueOrDefault("openid.mode") == "cancel"
        : Error == "access_denied" || (Error is not null && provider.Denials.Contains(Error));

    /// <summary>The state under the provider's name for it.</summary>
    public string? StateFor(Provider provider) => States.GetValueOrDefault(provider.AuthorizeParameters.State);

    /// <summary>Shows nothing of the code.</summary>
    public override string ToString() => nameof(AuthorizationResponse);
}
