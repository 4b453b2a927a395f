using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using TokenBroker.Apps;
using TokenBroker.Http;
using TokenBroker.OAuth;
using TokenBroker.Pages;
using TokenBroker.Sessions;

namespace TokenBroker.Endpoints;

/// <summary>
/// <c>GET /complete</c>: the redirect URI (RFC 6749 §4.1.2), and without a query the page that shows the access code.
/// </summary>
[RepliesTo(Audience.Browser)]
public sealed partial class Complete(
    AppCatalog apps, BrokerOptions options, ISessionStore store, ProviderClient provider, SignIn signIn,
    BrokerMetrics metrics, TimeProvider time, ILogger<Complete> logger)
{
    /// <summary>Answers the browser that comes back from the provider.</summary>
    /// <param name="request">The browser's request.</param>
    /// <returns>303 to itself without a query; the access code's page; or a page that says what went wrong.</returns>
    [Function(nameof(Complete))]
    public async Task<IResult> Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "complete")] HttpRequest request)
    {
        var now = time.GetUtcNow();
        var parameters = Parameters.OfQuery(request);
        if (SessionCookie.Read(request, options.IsHttps) is not { } cookie)
            return WithoutCookie(request, parameters, now);
        if (now >= cookie.Id.CreatedAt + Session.Lifetime)
            return BrokerPages.Expired(null, StartAgain.Remembered(request, options));
        if (!IsAnswer(request, apps.StateNames) && await signIn.ReceiptAsync(cookie, request.HttpContext.RequestAborted) is { } receipt && apps.Find(receipt.App) is { } signedIn)
            return ShowFinished(request, signedIn, receipt, cookie.Id, now);
        if (await store.FindAsync(cookie.Id.Key, request.HttpContext.RequestAborted) is not { } session || apps.Find(session.App) is not { } app)
            return BrokerPages.CookiesOff();

        if (session.IsExpired(now))
            return BrokerPages.Expired(app, Again(request, session));
        var stateName = app.Provider.AuthorizeParameters.State;
        if (!IsAnswer(request, stateName))
            return await ShowAsync(request, app, session, cookie.Id);
        if (parameters.Repeated("code", "error", "iss", stateName) is { } repeated)
            return BrokerPages.BadLink($"The parameter '{repeated}' is given more than once.");
        var denied = parameters["error"] == "access_denied";
        var stateless = denied && parameters[stateName] is null && app.Provider.DenialWithoutState;
        if (!stateless && !cookie.Id.IsState(parameters[stateName]))
            return BrokerPages.WrongState(app, Again(request, session));
        if (!stateless && await provider.IsIssuerAsync(app, parameters["iss"], request.HttpContext.RequestAborted) is not true and var issuer)
        {
            return issuer is null
                ? BrokerPages.ProviderTrouble(app, StatusCodes.Status502BadGateway, Again(request, session))
                : BrokerPages.WrongState(app, Again(request, session));
        }
        // The state has done its work with the first request that brought it; the page tells what became of the session.
        if (session.Status != SessionStatus.Pending)
            return session.Status == SessionStatus.Claimed
                ? Redirect.SeeOther(options.Path("complete"))
                : await ShowAsync(request, app, session, cookie.Id);

        if (parameters["error"] is not null)
            return await RefusedAsync(request, app, session, denied);
        return parameters["code"] is { } code
            ? await FinishAsync(request, app, session, cookie, code)
            : BrokerPages.BadLink("It carries neither a code nor an error.");
    }

    /// <summary>Whether the provider has sent the browser here (RFC 6749 §4.1.2), and not a reload or a link.</summary>
    private static bool IsAnswer(HttpRequest request, params ReadOnlySpan<string> stateNames)
    {
        foreach (var name in stateNames)
        {
            if (request.Query.ContainsKey(name))
                return true;
        }
        return request.Query.ContainsKey("code") || request.Query.ContainsKey("error") || request.Query.ContainsKey("iss");
    }

    private Page WithoutCookie(HttpRequest request, Parameters parameters, DateTimeOffset now)
    {
        // After five minutes the browser has dropped the cookie; the state still tells when the session began, and so does what is left of it.
        var again = StartAgain.Remembered(request, options);
        var isLate = IsAnswer(request, apps.StateNames) ? apps.StateNames.Any(name => SessionId.IsExpiredState(parameters[name], now)) : again is not null;
        return isLate ? BrokerPages.Expired(null, again) : BrokerPages.CookiesOff();
    }

    /// <summary>The page of a sign-in whose receipt this browser holds: no storage is asked.</summary>
    private Page ShowFinished(HttpRequest request, App app, Receipt receipt, SessionId id, DateTimeOffset now) =>
        receipt.Draw is not { } draw ? BrokerPages.DeviceSignedIn(app)
        : BrokerPages.AccessCode(app, id.AccessCode(draw), id.CreatedAt + Session.Lifetime - now, StartAgain.Remembered(request, options, app));

    private string? Again(HttpRequest request, Session session) => StartAgain.Link(request, options, session);

    private async Task<Page> ShowAsync(HttpRequest request, App app, Session session, SessionId id) =>
        session.Status switch
        {
            SessionStatus.Pending => BrokerPages.NotFinished(app, Again(request, session)),
            SessionStatus.Declined => BrokerPages.Declined(app, Again(request, session)),
            SessionStatus.Failed => BrokerPages.ProviderTrouble(app, StatusCodes.Status502BadGateway, Again(request, session)),
            SessionStatus.Collected => BrokerPages.DeviceSignedIn(app),
            _ => await ShowClaimedAsync(request, app, session, id),
        };

    /// <summary>
    /// The session says that it was claimed, not that its grant was stored: the grant itself tells a browser that holds no receipt, as
    /// when the answer got lost. Without one the claiming request is still at work, or the process died, or the code has been used.
    /// </summary>
    private async Task<Page> ShowClaimedAsync(HttpRequest request, App app, Session session, SessionId id)
    {
        var now = time.GetUtcNow();
        if (await store.FindAsync(session.Grant!.Value, request.HttpContext.RequestAborted) is not null)
        {
            return session.IsForDevice ? BrokerPages.DeviceSignedIn(app)
                : BrokerPages.AccessCode(app, id.AccessCode(session.Draw), session.ExpiresAt - now, Again(request, session));
        }
        return now < session.ClaimedAt + SignIn.MaxDuration ? BrokerPages.Finishing(app) : BrokerPages.AlreadyFinished(app, Again(request, session));
    }

    private async Task<IResult> RefusedAsync(HttpRequest request, App app, Session session, bool denied)
    {
        var status = denied ? SessionStatus.Declined : SessionStatus.Failed;
        if (await store.TryUpdateAsync(session with { Status = status }, CancellationToken.None) is null)
            return Redirect.SeeOther(options.Path("complete"));
        metrics.SessionCompleted(app.Name, denied ? "declined" : "refused");
        Log.Refused(logger, app.Name, status);
        return denied ? BrokerPages.Declined(app, Again(request, session)) : BrokerPages.ProviderTrouble(app, StatusCodes.Status502BadGateway, Again(request, session));
    }

    private async Task<IResult> FinishAsync(HttpRequest request, App app, Session session, SessionCookie cookie, string code)
    {
        var outcome = await signIn.FinishAsync(app, session, cookie.Id, code);
        if (outcome.Error is { } error)
            return BrokerPages.ProviderTrouble(app, error.Status is StatusCodes.Status504GatewayTimeout ? error.Status : StatusCodes.Status502BadGateway, Again(request, session));
        if (outcome.Expired)
            return BrokerPages.Expired(app, Again(request, session));
        if (outcome.Receipt is { } receipt)
            (cookie with { Receipt = receipt }).Write(request.HttpContext.Response, time.GetUtcNow(), options.IsHttps);
        return Redirect.SeeOther(options.Path("complete"));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The provider of app {App} sent the player back without a code: {Status}")]
        public static partial void Refused(ILogger logger, string app, SessionStatus status);
    }
}
