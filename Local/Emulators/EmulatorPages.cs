using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Http;

namespace TokenBroker.Local.Emulators;

/// <summary>The pages of an emulated provider.</summary>
internal static class EmulatorPages
{
    public static IResult Consent(string provider, string ticket, IReadOnlyList<string> scopes) => Page(provider, 200, $"""
        <p>A game asks for access{(scopes.Count == 0 ? "" : " to " + Encode(string.Join(", ", scopes)))}.</p>
        <form method="post" action="/consent">
        <input type="hidden" name="ticket" value="{ticket}">
        <p><label>Player <input name="player" value="ada" autocomplete="username" required></label></p>
        <p><button name="decision" value="approve">Sign in and approve</button>
        <button name="decision" value="deny">Decline</button></p>
        </form>
        """);

    public static IResult Problem(string provider, string problem) => Page(provider, 400, $"<p>{Encode(problem)}</p>");

    private static IResult Page(string provider, int status, string body) => Results.Content($"""
        <!doctype html>
        <html lang="en">
        <head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{Encode(provider)} (emulated)</title></head>
        <body><main><h1>{Encode(provider)} (emulated)</h1>
        {body}
        </main></body>
        </html>
        """, "text/html; charset=utf-8", statusCode: status);

    private static string Encode(string text) => HtmlEncoder.Default.Encode(text);
}
