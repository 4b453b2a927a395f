using Microsoft.AspNetCore.Http;
using TokenBroker.Web.Pages;

namespace TokenBroker.Local.Emulators;

/// <summary>The pages of an emulated provider: the same card as the broker's own, which a newcomer sees next.</summary>
internal static class EmulatorPages
{
    public static IResult Consent(string provider, string ticket, IReadOnlyList<string> scopes) => Page(provider, 200, $"""
        <h1>Sign in to {Encode(provider)}</h1>
        <p>{(scopes.Count == 0 ? "A game asks for access." : "A game asks for access to:")}</p>
        {(scopes.Count == 0 ? "" : $"<ul class=\"scopes\">{string.Concat(scopes.Select(scope => $"<li>{Encode(scope)}</li>"))}</ul>")}
        <form method="post" action="/consent">
        <input type="hidden" name="ticket" value="{ticket}">
        <p><label for="player">Player</label>
        <input id="player" class="entry name" name="player" value="ada" autocomplete="username" required></p>
        <div class="answers">
        <button class="button" name="decision" value="approve">Sign in and approve</button>
        <button class="button even" name="decision" value="deny">Decline</button>
        </div>
        </form>
        <p class="soft">Emulated: any name will do, and no password is asked for.</p>
        """);

    public static IResult Problem(string provider, string problem) => Page(provider, 400, $"""
        <div class="icon bad">{Icon.Warning.Svg()}</div>
        <h1>{Encode(provider)} refuses this request</h1>
        <p>{Encode(problem)}</p>
        """);

    private static IResult Page(string provider, int status, string main)
    {
        var brand = $"""
            <p class="brand"><span class="mono" aria-hidden="true">{Encode(Monogram.Of(provider))}</span> {Encode(provider)} (emulated)</p>

            """;
        var html = PageTemplate.Frame("en", isRightToLeft: false, GameLook.None, $"{provider} (emulated)", [brand, main], footer: "");
        return Results.Content(string.Concat(html), "text/html; charset=utf-8", statusCode: status);
    }

    private static string Encode(string text) => PageTemplate.Encode(text);
}
