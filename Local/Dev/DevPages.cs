using System.Globalization;
using TokenBroker.Apps;
using TokenBroker.Local.Emulators;
using TokenBroker.Providers;
using static TokenBroker.Web.Pages.PageTemplate;

namespace TokenBroker.Local.Dev;

/// <summary>The console's page and its list of sign-ins, as HTML.</summary>
internal static class DevPages
{
    /// <summary>The page.</summary>
    public static string Page(
        AppCatalog apps, BrokerOptions options, IReadOnlyList<EmulatedProvider> emulators, string formToken, string signIns) => $"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <link rel="icon" href="data:,">
        <link rel="stylesheet" href="/dev/dev.css">
        <title>TokenBroker: developer console</title>
        </head>
        <body>
        <main>
        <h1>Developer console</h1>
        <p>The broker is at <code>{Encode(options.Issuer)}</code>. This page is only for this machine, and exists in local runs only.</p>
        <h2>Apps</h2>
        <div class="grid">
        {string.Join('\n', OwnFirst(apps).Select(app => AppCard(app, options, formToken)))}
        </div>
        <h2>Sign-ins</h2>
        <div id="sign-ins">{signIns}</div>
        <h2>Faults of the emulated providers</h2>
        <div class="grid">
        {string.Join('\n', emulators.Select(emulator => FaultCard(emulator, formToken)))}
        </div>
        <h2>Limits</h2>
        <form method="post" action="/dev/limits">{Token(formToken)}<button>Reset all limits</button></form>
        <span class="soft">Callers of this machine are not limited; a phone on the network is.</span>
        </main>
        <script src="/dev/dev.js"></script>
        </body>
        </html>

        """;

    private static IEnumerable<App> OwnFirst(AppCatalog apps) =>
        apps.All.OrderBy(app => app.Registrations.All(RedirectAdvice.IsEmulated)).ThenBy(app => app.Name, StringComparer.Ordinal);

    /// <summary>The list.</summary>
    public static string SignIns(IEnumerable<ObservedSignIn> all, string formToken)
    {
        var items = all.Select(signIn => SignIn(signIn, formToken)).ToList();
        return items.Count == 0 ? "<p class=\"soft\">None yet: begin one above, or in a game.</p>" : string.Join('\n', items);
    }

    private static string AppCard(App app, BrokerOptions options, string formToken)
    {
        var flows = Enum.GetValues<Flow>().Where(app.Flows.Contains).Select(flow => $"""
            <form method="post" action="/dev/begin" target="_blank">{Token(formToken)}
            <input type="hidden" name="app" value="{app.Name}"><input type="hidden" name="flow" value="{flow}">
            <button class="go">Sign in by {FlowName(flow)}</button></form>
            """);
        return $"""
            <section class="card" id="app-{app.Name}">
            <h3>{Encode(app.DisplayName)} <span class="soft">{app.Name}</span></h3>
            {string.Join('\n', app.Registrations.Select(registration => RegistrationOf(registration, options)))}
            {string.Join('\n', Missing(app).Select(missing => $"<p class=\"soft\">{Encode(missing)}</p>"))}
            {string.Concat(flows)}
            </section>
            """;
    }

    private static string RegistrationOf(Registration registration, BrokerOptions options)
    {
        var redirectUri = options.Url(registration.RedirectPath);
        var advice = RedirectAdvice.For(registration, options.PublicUrl);
        if (RedirectAdvice.IsEmulated(registration))
            return $"<p>{Encode(registration.Provider.DisplayName)}, emulated: <code>{Encode(redirectUri)}</code> is registered there.</p>";
        return $"""
            <p>{Encode(registration.Provider.DisplayName)}: register this redirect URI:
            <code>{Encode(redirectUri)}</code> <button type="button" data-copy="{Encode(redirectUri)}">Copy</button></p>
            {(advice is null ? "" : $"<p class=\"bad\">{Encode(advice)}</p>")}
            """;
    }

    private static IEnumerable<string> Missing(App app)
    {
        var section = $"Apps__{app.Name}";
        var isForPlayers = app.Branding.Logo is not null && app.Branding.Links.Privacy is not null;
        if (!isForPlayers)
            yield return $"Before players see it: {section}__Logo, {section}__AccentColor, {section}__HomeUrl, {section}__PrivacyUrl.";
        var own = app.RedirectUris.All.Any(uri => !uri.EndsWith(DevConsole.CallbackPath, StringComparison.Ordinal));
        if (!own)
            yield return $"To come back to the game without a code: {section}__RedirectUris__0.";
        foreach (var registration in app.Registrations.Where(each => each.Provider.Identity is null))
            yield return $"{registration.Provider.DisplayName} names no players: the scope openid is refused.";
    }

    private static string FaultCard(EmulatedProvider emulator, string formToken)
    {
        var options = Enum.GetValues<EmulatedFault>().Select(fault =>
            $"<option value=\"{fault}\"{(fault == emulator.Fault ? " selected" : "")}>{FaultName(fault)}</option>");
        return $"""
            <form class="card" method="post" action="/dev/fault">{Token(formToken)}
            <input type="hidden" name="provider" value="{emulator.Name}">
            <label>{emulator.Name} <select name="fault">{string.Concat(options)}</select></label> <button>Set</button></form>
            """;
    }

    private static string SignIn(ObservedSignIn signIn, string formToken)
    {
        var title = $"{signIn.App?.DisplayName ?? "no app"}{(signIn.Flow is { } flow ? $", {FlowName(flow)}" : "")}";
        var polls = signIn.Polls == 0 ? "" : $"<p class=\"soft\">Its device has asked {signIn.Polls} times.</p>";
        return $"""
            <section class="card">
            <h3>{signIn.Number}. {Encode(title)}</h3>
            <p class="outcome">{Encode(signIn.Outcome)}</p>
            {(signIn.UserCode is { } userCode ? $"<p>The game shows <code class=\"user-code\">{userCode}</code></p>" : "")}
            {(signIn.Next is { } next ? NextOf(next, signIn.Number, formToken) : "")}
            {polls}
            <ol>{string.Concat(signIn.Steps.Select(StepOf))}</ol>
            </section>
            """;
    }

    private static string NextOf(NextRequest next, int number, string formToken) => $"""
        <p>The game's next request: <button type="button" data-copy="{Encode(next.Curl)}">Copy as curl</button>
        <button type="button" data-copy="{Encode(next.CSharp)}">Copy as C#</button>
        <form method="post" action="/dev/run">{Token(formToken)}<input type="hidden" name="number" value="{number}">
        <button class="go">Run it</button></form></p>
        <pre>{Encode(next.Curl)}</pre>
        """;

    private static string StepOf(Step step)
    {
        var calls = step.Calls.Select(call =>
            $"<li>{Encode($"{call.Method} {call.Host} → {call.Result} ({Milliseconds(call.Took)})")}</li>");
        var notes = step.Notes.Select(note => $"<li class=\"soft\">{Encode(note)}</li>");
        var at = step.At.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        var line = $"{at} {Encode(step.Request)} → {step.Status} ({Milliseconds(step.Took)})";
        return $"<li>{line}<ul>{string.Concat(calls)}{string.Concat(notes)}</ul></li>";
    }

    private static string Milliseconds(TimeSpan took) => string.Create(CultureInfo.InvariantCulture, $"{took.TotalMilliseconds:0} ms");

    private static string Token(string formToken) => $"<input type=\"hidden\" name=\"form_token\" value=\"{formToken}\">";

    private static string FlowName(Flow flow) => flow switch
    {
        Flow.AccessCode => "access code",
        Flow.Device => "device",
        _ => "redirect",
    };

    private static string FaultName(EmulatedFault fault) => fault switch
    {
        EmulatedFault.None => "as it should",
        EmulatedFault.Slow => "slow",
        EmulatedFault.Down => "down",
        EmulatedFault.SaysNo => "says no",
        EmulatedFault.WrongSecret => "wrong secret",
        _ => "clock ahead",
    };
}

/// <summary>Whether a provider takes the redirect URI of a local run.</summary>
internal static class RedirectAdvice
{
    /// <summary>Whether the provider is one of this machine's own, which takes what it is told to take.</summary>
    public static bool IsEmulated(Registration registration)
    {
        var endpoint = registration.Endpoints.Token ?? new Uri(registration.Issuer ?? "https://none.invalid");
        return endpoint.IsLoopback;
    }

    /// <summary>What to do when it does not; null when it does, or when nothing is known.</summary>
    public static string? For(Registration registration, Uri publicUrl)
    {
        if (IsEmulated(registration) || publicUrl.Scheme == Uri.UriSchemeHttps || registration.Provider.RedirectHosts is not { } rules)
            return null;
        var kind = publicUrl.Host == "localhost" ? HostKind.Localhost
            : publicUrl.IsLoopback ? HostKind.LoopbackAddress
            : HostKind.PrivateAddress;
        if (rules.PlainHttp.Contains(kind))
            return null;
        var instead = rules.PlainHttp.Contains(HostKind.LoopbackAddress) ? $"use --urls=http://127.0.0.1:{publicUrl.Port}"
            : rules.PlainHttp.Contains(HostKind.Localhost) ? $"use --urls=http://localhost:{publicUrl.Port}"
            : "use --public with a tunnel's https address";
        var here = publicUrl.GetLeftPart(UriPartial.Authority);
        return $"{registration.Provider.DisplayName} takes no redirect URI at {here}: {instead} ({rules.Docs}).";
    }
}
