using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using TokenBroker.Apps;
using TokenBroker.Http;
using TokenBroker.Limits;
using TokenBroker.OAuth;
using TokenBroker.Pages;
using TokenBroker.Secrets;
using TokenBroker.Sessions;

namespace TokenBroker.Endpoints;

/// <summary>
/// <c>/device</c>: where the player enters the code that the game shows (RFC 8628 §3.3), sees what is asked for and by whom, and accepts or
/// declines. Accepting goes on to the provider as create-session does.
/// </summary>
[RepliesTo(Audience.Browser)]
public sealed partial class Device(
    BrokerOptions options, DeviceSignIn devices, ISessionStore store, ISecrets secrets, ProviderClient provider, FailureLimiter limiter,
    BrokerMetrics metrics, TimeProvider time, ILogger<Device> logger)
{
    /// <summary>The path, below the public URL.</summary>
    internal const string Path = "device";

    /// <summary>Answers with the form for the code, with the question, or with what became of the answer.</summary>
    /// <param name="request">The browser's request: a query or a form with <c>user_code</c>; the form also with <c>action</c> and <c>form_token</c>.</param>
    /// <returns>200 with a page; 303 to the provider; 400 for a code that leads nowhere; 403 after declining; 429 after ten of them; 503 while storage is down.</returns>
    [Function(nameof(Device))]
    public async Task<IResult> Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", Route = Path)] HttpRequest request)
    {
        var isForm = HttpMethods.IsPost(request.Method);
        if ((isForm ? await Parameters.OfFormAsync(request) : Parameters.OfQuery(request)) is not { } parameters)
            return BrokerPages.BadLink("The form cannot be read.");
        if (parameters.Repeated("user_code", "action", FormGuard.Field) is { } repeated)
            return BrokerPages.BadLink($"The parameter '{repeated}' is given more than once.");
        if (parameters["user_code"] is not { } typed)
            return BrokerPages.EnterUserCode(options.Path(Path), wrong: isForm);

        if (FetchMetadata.IsEmbedded(request, options))
            return BrokerPages.BadLink("This address is a page of its own.");

        var cancellation = request.HttpContext.RequestAborted;
        using var attempt = await limiter.BeginAsync(request.ClientAddress(), app: "", cancellation);
        if (attempt.Wait is { } wait)
            return BrokerPages.TooManyCodes(wait);
        if (UserCode.TryParse(typed) is not { } code || await devices.FindAsync(code, cancellation) is not var (id, session, app))
        {
            await attempt.FailedAsync();
            return WrongCode();
        }
        // This was no guess: what follows may take its time and holds nobody up.
        attempt.Dispose();

        var key = (await secrets.ProtectionKeysAsync(cancellation)).Current(session.ExpiresAt - Session.Lifetime);
        var guard = new FormGuard(request, options);
        if (Decided(app, session, guard.Browser(key)) is { } decided)
            return decided;
        if (await provider.AuthorizeUrlAsync(app, session.Scopes, id, cancellation) is not { } url)
            return BrokerPages.ProviderTrouble(app, StatusCodes.Status502BadGateway, startAgain: null);
        if (!isForm || parameters["action"] is not { } action)
            return BrokerPages.ConfirmDevice(app, session.Scopes, code, options.Path(Path), guard.Show(key, code.Text), url);
        if (!guard.Accepts(key, code.Text, parameters[FormGuard.Field]))
            return BrokerPages.CookiesOff();
        return action switch
        {
            "accept" => await AcceptAsync(request, app, session, id, guard.Browser(key)!, url),
            "decline" => await DeclineAsync(app, session, guard.Browser(key)!),
            _ => BrokerPages.BadLink("It carries an action that is none."),
        };
    }

    /// <summary>The address that brings a player here without typing (<c>verification_uri_complete</c>, RFC 8628 §3.3.1).</summary>
    internal static string Link(BrokerOptions options, UserCode code) => $"{options.Url(Path)}?user_code={code.Text}";

    /// <summary>What a session says that has been decided already: to its own browser what became of it, to any other nothing; null while this browser may decide.</summary>
    private IResult? Decided(App app, Session session, string? browser)
    {
        if (session.AcceptedBy is not null && session.AcceptedBy != browser)
            return WrongCode();
        return session.Status switch
        {
            SessionStatus.Pending => null,
            SessionStatus.Declined when session.Grant is null => BrokerPages.DeviceDeclined(app),
            _ => Redirect.SeeOther(options.Path("complete")),
        };
    }

    /// <summary>Looks again after another request was first: it may have been this browser's own, of a double click.</summary>
    private async Task<IResult?> DecidedAsync(App app, Session session, string browser) =>
        await store.FindAsync(session.Key, CancellationToken.None) is { } current ? Decided(app, current, browser) : WrongCode();

    private Page WrongCode() => BrokerPages.EnterUserCode(options.Path(Path), wrong: true);

    /// <summary>One browser gets the session, the first that accepts. It may accept again: players go back, and answers get lost.</summary>
    private async Task<IResult> AcceptAsync(HttpRequest request, App app, Session session, SessionId id, string browser, Uri url)
    {
        if (session.AcceptedBy is null && await store.TryUpdateAsync(session with { AcceptedBy = browser }, CancellationToken.None) is null &&
            await DecidedAsync(app, session, browser) is { } decided)
        {
            return decided;
        }
        StartAgain.Forget(request);
        new SessionCookie(id).Write(request.HttpContext.Response, time.GetUtcNow(), options.IsHttps);
        // 303, so that the form is not sent along (RFC 9700 §4.12).
        return Redirect.SeeOther(url.AbsoluteUri);
    }

    private async Task<IResult> DeclineAsync(App app, Session session, string browser)
    {
        if (await store.TryUpdateAsync(session with { Status = SessionStatus.Declined, AcceptedBy = browser }, CancellationToken.None) is null)
            return await DecidedAsync(app, session, browser) ?? WrongCode();
        metrics.SessionCompleted(app.Name, "declined");
        Log.Declined(logger, app.Name);
        return BrokerPages.DeviceDeclined(app);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "A device of app {App} was declined")]
        public static partial void Declined(ILogger logger, string app);
    }
}
