using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using TokenBroker.Apps;
using TokenBroker.SignIns;
using TokenBroker.Storage;
using TokenBroker.Web;

namespace TokenBroker.Local.Dev;

/// <summary>Stands in front of the broker in a local run and sorts what it answers into sign-ins.</summary>
internal sealed class RequestObserver(SignInFeed feed, RequestRecords records, AppCatalog apps, BrokerOptions options, TimeProvider time)
{
    /// <summary>What tells that a browser brings a provider's answer.</summary>
    private string[] AnswerNames => ["code", "error", "openid.mode", .. apps.StateNames];

    public async Task ObserveAsync(HttpContext http, Func<Task> next)
    {
        using var trace = RequestTrace.Begin();
        var traceId = Activity.Current!.TraceId;
        var record = records.Begin(traceId);
        var (at, started) = (time.GetUtcNow(), time.GetTimestamp());
        try
        {
            var reply = await AnswerAsync(http, next);
            var step = new Step(
                at, $"{http.Request.Method} {http.Request.Path}", http.Response.StatusCode, time.GetElapsedTime(started),
                [.. record.Calls], [.. record.Notes]);
            Sort(http, step, reply);
        }
        finally
        {
            records.End(traceId);
        }
    }

    /// <summary>Answers, and reads along where a device's codes are given out.</summary>
    private static async Task<JsonElement?> AnswerAsync(HttpContext http, Func<Task> next)
    {
        if (!http.Request.Path.Equals($"/{Paths.DeviceAuthorization}", StringComparison.OrdinalIgnoreCase))
        {
            await next();
            return null;
        }
        var (sent, copy) = (http.Features.GetRequiredFeature<IHttpResponseBodyFeature>(), new MemoryStream());
        http.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(copy));
        await next();
        await http.Response.BodyWriter.FlushAsync();
        http.Features.Set(sent);
        await sent.Stream.WriteAsync(copy.GetBuffer().AsMemory(0, (int)copy.Length), http.RequestAborted);
        return http.Response.StatusCode == StatusCodes.Status200OK ? JsonSerializer.Deserialize<JsonElement>(copy.ToArray()) : null;
    }

    private void Sort(HttpContext http, Step step, JsonElement? device)
    {
        var fields = Fields(http);
        var session = SessionOf(http, fields, device);
        string?[] hints = [Challenge(fields.GetValueOrDefault("code_challenge")), .. KeysOf(session), .. Codes(http.Request.Path, fields)];
        var keys = hints.OfType<string>().ToList();
        var flow = FlowOf(http.Request.Path);
        // A poll for a code that nobody has, a link that does not work: shown as well, since it is what a developer looks for.
        var mayBegin = session is not null || flow is not null || step.Status >= StatusCodes.Status400BadRequest;
        feed.Change(keys, mayBegin, signIn =>
        {
            signIn.App ??= apps.Find(fields.GetValueOrDefault("app"), fields.GetValueOrDefault("client_id"));
            signIn.Flow ??= flow;
            signIn.Session ??= session;
            Take(signIn, step, http, fields);
            string[] userCode = device is { } codes ? [UserKey(codes.GetProperty("user_code").GetString()!)] : [];
            return [.. keys, .. KeysOf(session), .. userCode];
        });
    }

    private void Take(ObservedSignIn signIn, Step step, HttpContext http, Dictionary<string, string> fields)
    {
        var isPoll = fields.ContainsKey("device_code") && step.Notes.Count == 0;
        if (isPoll)
        {
            signIn.Polls++;
            return;
        }
        signIn.Steps.Add(step);
        if (http.Request.Path.StartsWithSegments($"/{Paths.Complete}") && AnswerNames.Any(fields.ContainsKey))
            signIn.WaitsFor = null;
        if (http.Response.Headers.Location is [{ } location] && ProviderAt(signIn.App, location) is { } registration)
        {
            signIn.WaitsFor = registration;
            signIn.Outcome = Left(registration);
        }
        else if (step.Notes is [.., var note])
        {
            signIn.Outcome = note;
        }
        var showsCode = signIn is { Flow: Flow.AccessCode, Session: not null, Next: null } && step.Status == StatusCodes.Status200OK &&
            http.Request.Path.StartsWithSegments($"/{Paths.Complete}");
        if (showsCode && signIn.CodeVerifier is { } verifier)
        {
            signIn.Next = new(options.Url(Paths.ExchangeCode),
                [("access_code", AccessCode.Of(signIn.Session!).Text), ("code_verifier", verifier)]);
        }
        if (step is { Status: StatusCodes.Status200OK } && http.Request.Path.Value!.TrimStart('/') is Paths.ExchangeCode or Paths.Token)
            signIn.Next = null;
    }

    /// <summary>What to do when a provider shows an error of its own, of which nobody else hears.</summary>
    private string Left(Registration registration) =>
        $"left for {registration.Provider.DisplayName}, not back yet: if {registration.Provider.DisplayName} shows an error, register " +
        $"this redirect URI: {options.Url(registration.RedirectPath)}";

    private static Registration? ProviderAt(App? app, string location) =>
        Uri.TryCreate(location, UriKind.Absolute, out var url)
            ? app?.Registrations.FirstOrDefault(each => each.Endpoints.Authorization?.Authority == url.Authority)
                ?? app?.Registrations.FirstOrDefault(each => each.Issuer is { } issuer && new Uri(issuer).Host == url.Host)
            : null;

    private static Flow? FlowOf(PathString path) => path.Value!.TrimStart('/').Replace('_', '-') switch
    {
        Paths.CreateSession => Flow.AccessCode,
        Paths.Authorize => Flow.Redirect,
        "device-authorization" => Flow.Device,
        _ => null,
    };

    private static Dictionary<string, string> Fields(HttpContext http)
    {
        var form = http.Features.Get<IFormFeature>()?.Form;
        var all = http.Request.Query.Concat(form ?? Enumerable.Empty<KeyValuePair<string, Microsoft.Extensions.Primitives.StringValues>>());
        return all.GroupBy(pair => pair.Key, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Last().Value.ToString());
    }

    private SessionId? SessionOf(HttpContext http, Dictionary<string, string> fields, JsonElement? device)
    {
        var given = device?.GetProperty("device_code").GetString() ?? fields.GetValueOrDefault("device_code");
        if (DeviceCode.TryParse(given) is { } code)
            return code.SessionId;
        var set = SetCookieHeaderValue.ParseList([.. http.Response.Headers.SetCookie.OfType<string>()])
            .FirstOrDefault(cookie => cookie.Name == SessionCookie.Name);
        if (set is not null)
            return SessionId.TryParse(set.Value.ToString());
        return http.Request.Path.StartsWithSegments($"/{Paths.Complete}") ? SessionCookie.Read(http.Request, options) : null;
    }

    /// <summary>By what the session's later requests are known.</summary>
    private static string[] KeysOf(SessionId? session) => session is null
        ? []
        : [session.RowKey, $"code {AccessCode.Of(session).Text}", $"code {AuthorizationCode.Of(session)}"];

    private static IEnumerable<string> Codes(PathString path, Dictionary<string, string> fields)
    {
        if (fields.GetValueOrDefault("access_code") is { } typed && AccessCode.TryParse(typed) is { } accessCode)
            yield return $"code {accessCode.Text}";
        if (path == $"/{Paths.Token}" && fields.GetValueOrDefault("code") is { } code)
            yield return $"code {code}";
        if (fields.GetValueOrDefault("user_code") is { } typedUser && UserCode.TryParse(typedUser) is { } userCode)
            yield return UserKey(userCode.Text);
    }

    private static string UserKey(string code) => $"user code {code}";

    /// <summary>The key of a sign-in that the console has begun, by its PKCE challenge.</summary>
    public static string? Challenge(string? challenge) => challenge is null ? null : $"challenge {challenge}";
}
