using System.Reflection;

namespace TokenBroker.Endpoints;

/// <summary><c>GET /health</c>: whether storage and secrets answer, and which version this is.</summary>
[RepliesTo(Audience.Game, ChangesNothing = true)]
public sealed class Health(CheckReadiness readiness)
{
    private static readonly string Version =
        typeof(Health).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>Answers with the state of each dependency, at most five seconds old.</summary>
    /// <param name="request">The operator's request.</param>
    /// <returns>200 when ready, else 503.</returns>
    [Function(nameof(Health))]
    public async Task<IResult> Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "health")] HttpRequest request)
    {
        var state = await readiness.RunAsync();
        var ready = state.Storage && state.Secrets;
        return JsonReply.Status(ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, json =>
        {
            json.WriteString("status", ready ? "ready" : "unavailable");
            json.WriteString("storage", Word(state.Storage));
            json.WriteString("secrets", Word(state.Secrets));
            json.WriteString("providers", Word(state.Providers));
            json.WriteString("version", Version);
        });
    }

    private static string Word(bool answers) => answers ? "ok" : "unavailable";
}
