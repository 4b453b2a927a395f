using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;

namespace TokenBroker.Pages;

/// <summary>The frame of every page: one column, the reader's own light or dark, nothing loaded from anywhere.</summary>
internal static class PageTemplate
{
    private const string Style = """
        :root{color-scheme:light dark;--ink:#1b1d22;--paper:#fff;--soft:#5b606b;--line:#d5d8de;--link:#0b57d0}
        @media (prefers-color-scheme:dark){:root{--ink:#eceef2;--paper:#15171b;--soft:#a6abb5;--line:#3a3e46;--link:#8ab4f8}}
        body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--paper);color:var(--ink);font:1.125rem/1.5 system-ui,sans-serif}
        main{max-width:34rem;padding:1.5rem;text-align:center}
        h1{font-size:1.6rem;line-height:1.25;margin:0 0 1rem}
        p{margin:0 0 1rem}
        a{color:var(--link)}
        .soft{color:var(--soft)}
        #access-code{display:block;margin:1.5rem 0;padding:1rem;border:2px solid var(--line);border-radius:.75rem;font:700 clamp(2rem,11vw,3.5rem)/1.2 ui-monospace,monospace;letter-spacing:.12em;user-select:all;overflow-wrap:anywhere}
        #user-code{font:700 1.75rem/1.2 ui-monospace,monospace;letter-spacing:.12em}
        input{max-width:100%;box-sizing:border-box;padding:.5rem;border:2px solid var(--line);border-radius:.75rem;background:var(--paper);color:var(--ink);text-align:center}
        .button{background:var(--paper);color:var(--link);font:inherit;cursor:pointer;display:inline-block;padding:.7rem 1.4rem;border:2px solid var(--link);border-radius:.75rem;text-decoration:none;font-weight:600}
        """;

    /// <summary>Only the one style sheet above, known by its hash; no script, no frame. Each page adds where its form may go.</summary>
    public static readonly string ContentSecurityPolicy =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; " +
        "base-uri 'none'; frame-ancestors 'none'";

    /// <summary>Frames a page; <paramref name="body"/> is HTML, the title is text.</summary>
    public static string Frame(string title, string body) => $"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{Encode(title)}</title>
        <style>{Style}</style>
        </head>
        <body>
        <main>
        <h1>{Encode(title)}</h1>
        {body}
        </main>
        </body>
        </html>
        """;

    /// <summary>Text as HTML. Whatever came from outside goes through here.</summary>
    public static string Encode(string text) => HtmlEncoder.Default.Encode(text);
}
