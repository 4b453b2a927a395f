using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using TokenBroker.Apps;

namespace TokenBroker.Pages;

/// <summary>
/// The frame of every page: one column, the reader's own light or dark, nothing loaded from anywhere. The script only adds to what works
/// without it: a button that copies, a clock that runs.
/// </summary>
internal static class PageTemplate
{
    private const string Style = """
        :root{color-scheme:light dark;--ink:#1b1d22;--paper:#fff;--soft:#5b606b;--line:#8a8f99;--accent:#0b57d0}
        @media (prefers-color-scheme:dark){:root{--ink:#eceef2;--paper:#15171b;--soft:#a6abb5;--line:#7d838e;--accent:#8ab4f8}}
        html{font:clamp(1rem,.75rem + .75vw,2.25rem)/1.5 system-ui,sans-serif}
        body{margin:0;min-height:100vh;min-height:100svh;display:grid;grid-template-columns:minmax(0,1fr);place-items:center;background:var(--paper);color:var(--ink)}
        main{box-sizing:border-box;width:100%;max-width:32rem;padding:1.25rem;text-align:center;overflow-wrap:anywhere}
        h1{font-size:1.5em;line-height:1.25;margin:0 0 1rem;text-wrap:balance}
        p{margin:0 0 1rem}
        a{color:var(--accent)}
        :focus-visible{outline:.2rem solid var(--accent);outline-offset:.2rem}
        .soft{color:var(--soft)}
        .logo{max-width:60%;max-height:5rem;margin:0 auto 1rem;display:block}
        .code{direction:ltr;unicode-bidi:isolate;font-family:ui-monospace,SFMono-Regular,Consolas,monospace;font-weight:700;user-select:all}
        #access-code{display:block;width:5.2ch;margin:1.25rem auto;padding:.4em .5em .4em .7em;border:.1rem solid var(--line);border-radius:.3em;font-size:min(4.5rem,13vw,16vh);line-height:1.2;letter-spacing:.18em;word-break:break-all}
        #user-code{font-size:min(1.75rem,8vw);letter-spacing:.08em;white-space:nowrap}
        label{display:block;margin:0 0 .25rem}
        input{box-sizing:border-box;width:12ch;max-width:100%;padding:.5rem;font:inherit;font-family:ui-monospace,monospace;font-size:1.5rem;text-align:center;text-transform:uppercase;direction:ltr;border:.1rem solid var(--line);border-radius:.6rem;background:var(--paper);color:var(--ink)}
        .button{display:inline-block;box-sizing:border-box;min-width:min(8em,100%);max-width:100%;margin:.25rem;padding:.6rem 1.2rem;font:inherit;font-weight:600;border:.12rem solid var(--accent);border-radius:.6rem;background:var(--paper);color:var(--accent);text-decoration:none;cursor:pointer}
        .button:hover{background:var(--accent);color:var(--paper)}
        [hidden]{display:none!important}
        .heard{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
        @media (max-height:45rem){html{font-size:clamp(1rem,.75rem + .75vw,1.3rem)}p{margin:0 0 .6rem}#access-code{margin:.6rem auto}main{padding:.75rem}}
        @media (prefers-reduced-motion:no-preference){.button{transition:background-color .15s}}
        """;

    private const string Script = """
        const code=document.getElementById('access-code');
        if(code){
          const by=id=>document.getElementById(id),left=by('left'),say=by('say'),copy=by('copy'),over=by('over'),end=Date.now()+left.dataset.seconds*1000;
          let said=Infinity;
          const show=()=>{
            const s=Math.max(0,Math.ceil((end-Date.now())/1000)),text=Math.floor(s/60)+':'+String(s%60).padStart(2,'0');
            left.textContent=text;
            const next=[10,30,60,120,180,240].find(mark=>s<=mark);
            if(s>0&&next<said){said=next;say.textContent=say.dataset.left.replace('{0}',text)}
            if(s===0){
              clearInterval(clock);
              const held=by('live').contains(document.activeElement);
              by('live').hidden=true;over.hidden=false;
              document.title=document.querySelector('h1').textContent=say.textContent=over.dataset.said;
              if(held)over.querySelector('a')?.focus();
            }
          };
          const clock=setInterval(show,1000);
          document.addEventListener('visibilitychange',show);
          if(navigator.clipboard){
            const label=copy.textContent;
            copy.hidden=false;
            copy.addEventListener('click',async()=>{
              try{
                await navigator.clipboard.writeText(code.textContent);
                copy.textContent=say.textContent=copy.dataset.done;
                setTimeout(()=>{copy.textContent=label;say.textContent=''},3000);
              }catch{getSelection().selectAllChildren(code)}
            });
          }
        }
        """;

    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    // Browsers hash what they have read, with newlines as LF, however this file was checked out.
    private static readonly string StyleText = Style.ReplaceLineEndings("\n");
    private static readonly string ScriptText = Script.ReplaceLineEndings("\n");
    private static readonly string StyleHash = Hash(StyleText);
    private static readonly string ScriptHash = Hash(ScriptText);
    private static readonly ConcurrentDictionary<(string Style, string FormAction), string> Policies = new();
    private static readonly Branding Unbranded = new();

    /// <summary>For each game what stands before the content, by language and title; and after it.</summary>
    private static readonly ConditionalWeakTable<Branding, ConcurrentDictionary<(string Language, string Title), byte[]>> Starts = [];
    private static readonly byte[] End = Encoding.UTF8.GetBytes($"\n</main>\n<script>{ScriptText}</script>\n</body>\n</html>\n");

    /// <summary>Only the style sheet and the script above and the game's own colours, each known by its hash, and a logo inside the page; no frame; and where its form may go.</summary>
    public static string ContentSecurityPolicy(App? app, string formAction) => Policies.GetOrAdd((AppStyle(app), formAction), page =>
        $"default-src 'none'; style-src '{StyleHash}'{(page.Style.Length > 0 ? $" '{Hash(page.Style)}'" : "")}; script-src '{ScriptHash}'" +
        $"; img-src data:; base-uri 'none'; frame-ancestors 'none'; form-action {page.FormAction}");

    /// <summary>Writes a page and says how long it is. All but its content, which is most of it, stands ready as bytes.</summary>
    public static Task WriteAsync(HttpResponse response, Language language, App? app, PageContent content)
    {
        var title = Encode(content.Title);
        var start = Starts.GetOrCreateValue(app?.Branding ?? Unbranded).GetOrAdd((language.Tag, title), _ => Encoding.UTF8.GetBytes(Start(language, app, title)));
        response.ContentLength = start.Length + Encoding.UTF8.GetByteCount(content.Html) + End.Length;
        var page = response.BodyWriter;
        page.Write(start);
        Encoding.UTF8.GetBytes(content.Html, page);
        page.Write(End);
        return page.FlushAsync(response.HttpContext.RequestAborted).AsTask();
    }

    private static string Start(Language language, App? app, string title) => $"""
        <!DOCTYPE html>
        <html lang="{language.Tag}" dir="{(language.IsRightToLeft ? "rtl" : "ltr")}">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <link rel="icon" href="data:,">
        <title>{title}</title>
        <style>{StyleText}</style>
        {(AppStyle(app) is { Length: > 0 } style ? $"<style>{style}</style>" : "")}
        </head>
        <body>
        <main>
        {(app?.Branding.Logo is { } logo ? $"<img class=\"logo\" src=\"{Encode(logo)}\" alt=\"{Encode(app.DisplayName)}\">" : "")}
        <h1>{title}</h1>

        """;

    /// <summary>Text as HTML. Whatever comes from outside goes through here.</summary>
    public static string Encode(string text) => Encoder.Encode(text);

    /// <summary>A text of the pages as HTML, with names in their places: each stands by itself, whichever way it is written.</summary>
    public static string Fill(string text, params ReadOnlySpan<string> names)
    {
        var html = Encode(text);
        for (var place = 0; place < names.Length; place++)
            html = html.Replace($"{{{place}}}", $"<bdi>{Encode(names[place])}</bdi>", StringComparison.Ordinal);
        return html;
    }

    /// <summary>How many minutes to wait at most, as HTML: a number, beside which every language has its own word.</summary>
    public static string WholeMinutes(TimeSpan span) =>
        string.Create(CultureInfo.InvariantCulture, $"<time datetime=\"PT{Math.Ceiling(span.TotalMinutes)}M\">{Math.Ceiling(span.TotalMinutes)}</time>");

    /// <summary>A time span in minutes and seconds.</summary>
    public static string Minutes(TimeSpan span) =>
        string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalMinutes}:{span.Seconds:00}");

    private static string AppStyle(App? app) => app?.Branding is not { } branding || (branding.Light ?? branding.Dark) is null ? ""
        : (branding.Light is { } light ? $":root{{--accent:{light}}}" : "") +
          (branding.Dark is { } dark ? $"@media (prefers-color-scheme:dark){{:root{{--accent:{dark}}}}}" : "");

    private static string Hash(string text) => $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";
}
