using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using TokenBroker.Apps;
using TokenBroker.Http;
using TokenBroker.Limits;
using TokenBroker.OAuth;
using TokenBroker.Pages;
using TokenBroker.Sessions;

namespace TokenBroker.Endpoints;

/// <summary>
/// <c>GET /create-session?scopes=a,b[&amp;app=…][&amp;client_id=…][&amp;code_challenge=…&amp;code_challenge_method=S256]</c>: where the
/// game sends the player's browser first. Creates the session, sets its cookie and goes on to the provider. With <c>user_code</c> instead, it
/// goes on to that device's session.
/// </summary>
[RepliesTo(Audience.Browser)]
public sealed partial class CreateSession(
    AppCatalog apps, BrokerOptions options, ISessionStore store, SessionSweeper sweeper, ProviderClient provider, SessionLimiter limiter,
    BrokerMetrics metrics, TimeProvider time, ILogger<CreateSession> logger)
{
    /// <summary>The path, below the public URL.</summary>
    internal const string Path = "create-session";

    /// <summary>Answers by redirect, or with a page that says what is wrong with the link.</summary>
    /// <param name="request">The browser's request.</param>
    /// <returns>302 to the provider; 400 for a bad link; 429 for too many sessions from one address; 503 while storage is down.</returns>
    [Function(nameof(CreateSession))]
    public async Task<IResult> Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Path)] HttpRequest request)
    {
        var parameters = Parameters.OfQuery(request);
        if (parameters.Repeated("app", "client_id", "scopes", "code_challenge", "code_challenge_method", "user_code") is { } repeated)
            return BrokerPages.BadLink($"The parameter '{repeated}' is given more than once.");
        // A game that has begun a device's sign-in and can open a browser after all. The player is asked as by any other way to the device
        // page (RFC 8628 §3.3.1): the link may come from somebody else's game.
        if (parameters["user_code"] is { } userCode)
        {
            Language.Remember(request, options.IsHttps);
            return UserCode.TryParse(userCode) is { } code ? Redirect.Found(new(Device.Link(options, code))) : BrokerPages.BadLink("Its user code cannot be read.");
        }
        if (apps.Find(parameters["app"], parameters["client_id"]) is not { } app)
            return BrokerPages.BadLink("It names no game that is known here.");
        if (!app.TryReadScopes(parameters["scopes"], out var scopes, out var problem))
            return BrokerPages.BadLink(problem);
        var challenge = parameters["code_challenge"];
        // Without a method RFC 7636 §4.3 means 'plain', which gives no protection and is not taken.
        if ((challenge ?? parameters["code_challenge_method"]) is not null &&
            (challenge is null || parameters["code_challenge_method"] != Pkce.Method || !Pkce.IsChallenge(challenge)))
        {
            return BrokerPages.BadLink("The parameter 'code_challenge' must be an S256 challenge, with code_challenge_method=S256.");
        }

        if (challenge is null && app.RequireProofKey)
            return BrokerPages.BadLink("The game must send a 'code_challenge' with code_challenge_method=S256.");

        if (limiter.Begin(request.ClientAddress()) is { } wait)
            return BrokerPages.TooMany(wait);

        var now = time.GetUtcNow();
        var id = SessionId.New(now);
        if (await provider.AuthorizeUrlAsync(app, scopes, id, request.HttpContext.RequestAborted) is not { } url)
            return BrokerPages.ProviderTrouble(app, StatusCodes.Status502BadGateway, options.Path(Path) + request.QueryString);
        sweeper.ClearBeside();
        await store.AddAsync(Session.Start(id, app.Name, scopes, challenge), request.HttpContext.RequestAborted);
        metrics.SessionCreated(app.Name);
        Log.Created(logger, app.Name);

        new SessionCookie(id).Write(request.HttpContext.Response, now, options.IsHttps);
        Language.Remember(request, options.IsHttps);
        StartAgain.Remember(request, options.IsHttps);
        return Redirect.Found(url);
    }

    /// <summary>The same under the spelling with an underscore.</summary>
    /// <param name="request">The browser's request.</param>
    /// <returns>As <see cref="Run"/>.</returns>
    [Function(nameof(CreateSession) + "Underscore")]
    public Task<IResult> RunUnderscore([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "create_session")] HttpRequest request) =>
        Run(request);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Session created for app {App}")]
        public static partial void Created(ILogger logger, string app);
    }
}
