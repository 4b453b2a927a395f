namespace TokenBroker.SignIns;

/// <summary>The player's browser begins a sign-in.</summary>
public sealed partial class BeginSignIn(
    ISessionStore store, AuthorizeUrl authorizeUrl, Sweeper sweeper, BrokerMetrics metrics, TimeProvider time,
        ILogger<BeginSignIn> logger)
{
    /// <summary>A sign-in that has begun.</summary>
    /// <param name="Id">What the browser keeps.</param>
    /// <param name="AuthorizeUrl">Where the browser goes next.</param>
    internal sealed record Begun(SessionId Id, Uri AuthorizeUrl)
    {
        /// <summary>Shows nothing: the URL holds the state.</summary>
        public override string ToString() => nameof(Begun);
    }

    /// <summary>Creates the session: 1 write. Starts a sweep beside it.</summary>
    /// <returns>The sign-in; null while its provider cannot be discovered.</returns>
    internal async Task<Begun?> RunAsync(SignInRequest request, CancellationToken cancellation)
    {
        var app = request.App;
        var id = SessionId.New(time.GetUtcNow());
        var url = await authorizeUrl.BuildAsync(
            AtProvider.RequestOf(id, request.Registration, request.Scopes, request.Reauthenticate, request.LoginHint), cancellation);
        if (url is null)
            return null;
        sweeper.SweepInBackground();
        await store.AddAsync(request.Begin(id), cancellation);
        metrics.SessionCreated(app.Name);
        Log.Created(logger, app.Name);
        return new(id, url);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Session created for app {App}")]
        public static partial void Created(ILogger logger, string app);
    }
}
