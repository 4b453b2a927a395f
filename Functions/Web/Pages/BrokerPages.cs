using static Microsoft.AspNetCore.Http.StatusCodes;
using static TokenBroker.Web.Pages.PageTemplate;

namespace TokenBroker.Web.Pages;

/// <summary>The pages on a player's way, but for those of a device: what happened, in plain words, and what to do next.</summary>
internal static class BrokerPages
{
    /// <summary>The root where no game has the device flow; elsewhere <see cref="DevicePages.EnterUserCode"/> stands there.</summary>
    public static Page Landing() => new(Status200OK, null, texts => (texts.LandingTitle, $"<p>{Encode(texts.LandingText)}</p>"));

    /// <summary>The access code. Selecting it, and the text content of its element, give the bare code.</summary>
    /// <param name="app">The game.</param>
    /// <param name="code">The code.</param>
    /// <param name="left">How long it is good.</param>
    /// <param name="links">Where a new code is to be had, and one for another account; null where only the game can begin.</param>
    public static Page AccessCode(App app, AccessCode code, TimeSpan left, (string NewCode, string OtherAccount)? links) => new(
        Status200OK, app, texts =>
    {
        var clock = $"<time id=\"left\" datetime=\"PT{(int)left.TotalSeconds}S\">{Minutes(left)}</time>";
        return (Name(texts.CodeTitle, app), $"""
            <div id="live">
            <p class="code" id="access-code">{string.Concat(code.Text.Select(character => Cell(character)))}</p>
            <p class="legend soft"><span>{Cell('A')}{Encode(texts.Capital)}</span> <span>{Cell('a')}{Encode(texts.Small)}</span>
            <span>{Cell('1')}{Encode(texts.Digit)}</span></p>
            <div class="row">
            <button id="copy" class="button" type="button" data-copied="{Encode(texts.Copied)}" data-selected="{Encode(texts.Selected)}"
            hidden>{Encode(texts.Copy)}</button>
            <div><label for="bar">{Encode(texts.TimeLeft).Replace("{0}", clock, StringComparison.Ordinal)}</label>
            <progress id="bar" max="{(int)Session.Lifetime.TotalSeconds}" value="{(int)left.TotalSeconds}"></progress></div>
            </div>
            <p class="soft">{Encode(texts.WorksOnce)} {Encode(texts.KeepSecret)}</p>
            {(links is null ? "" : $"<p><a href=\"{Encode(links.Value.OtherAccount)}\">{Encode(texts.OtherAccount)}</a></p>")}
            </div>
            <div id="over" data-said="{Encode(texts.CodeOver)}" hidden>
            {(links is null ? "" : Button(links.Value.NewCode, texts.NewCode))}</div>
            <p id="say" class="heard" aria-live="polite" data-left="{Encode(texts.TimeLeft)}"></p>
            """);
    });

    /// <summary>Asks where to sign in. Each provider is a link, which works without script; all look alike.</summary>
    public static Page ChooseProvider(App app, IReadOnlyList<(Registration Registration, string Link)> choices, string? last) => new(
        Status200OK, app, texts => (Name(texts.ChooseTitle, app), $"""
            <p>{Encode(texts.ChooseText)}</p>
            {string.Join('\n', choices.Select(choice => Choice(texts, choice.Registration, choice.Link, choice.Registration.Name == last)))}
            """));

    /// <summary>
    /// Leads back to the game by a private-use scheme: by itself where the browser lets it, and by a button, after whose click every
    /// browser does.
    /// </summary>
    public static Page BackToGame(App app, string address, OAuthError? error) => new(Status200OK, app, texts => (
        error is null ? texts.SignedIn : error == OAuthError.AccessDenied ? texts.Declined : texts.Broken, $"""
            <p>{Encode(texts.BackToGameText)} {Encode(texts.ClosePage)}</p>
            <a class="button" href="{Encode(address)}"><span>{Fill(texts.BackToGame, app.DisplayName)}</span></a>
            """))
    {
        Icon = error is null ? Icon.Check : error == OAuthError.AccessDenied ? Icon.Cross : Icon.Warning,
        RefreshAfter = 0,
        RefreshTo = address,
    };

    public static Page GameSignedIn(App app) => new(Status200OK, app, texts => (
        texts.SignedIn, $"<p>{Fill(texts.DeviceSignedIn, app.DisplayName)} {Encode(texts.ClosePage)}</p>"))
    { Icon = Icon.Check };

    public static Page Finishing(App app) => new(Status202Accepted, app, texts => (
        texts.Finishing, $"<p>{Encode(texts.FinishingText)}</p>"))
    { Icon = Icon.Clock, RefreshAfter = 2 };

    public static Page Over(App app, string? startAgain) => new(Status410Gone, app, texts => (
        texts.Over, Text(texts, Encode(texts.OverText), startAgain)))
    { Icon = Icon.Clock };

    public static Page NotFinished(App app, string? startAgain) => new(Status400BadRequest, app, texts => (
        texts.NotFinished, Text(texts, Encode(texts.NotFinishedText), startAgain)))
    { Icon = Icon.Clock };

    public static Page Declined(Registration at, string? startAgain, App app) => new(Status403Forbidden, app, texts => (
        texts.Declined, Text(texts, Fill(texts.DeclinedText, at.Provider.DisplayName, app.DisplayName), startAgain)))
    { Icon = Icon.Cross };

    public static Page Expired(App? app, string? startAgain) => new(Status410Gone, app, texts => (
        texts.Expired, Text(texts, Encode(texts.ExpiredText), startAgain)))
    { Icon = Icon.Clock };

    public static Page CookiesOff() => new(Status400BadRequest, null, texts => (
        texts.CookiesOff, Text(texts, Encode(texts.CookiesOffText))))
    { Icon = Icon.Warning, Problem = "The browser has sent no cookie of a sign-in; check that it keeps cookies, and Broker__PublicUrl." };

    public static Page WrongState(App app, string? startAgain) => new(Status400BadRequest, app, texts => (
        texts.WrongState, Text(texts, Encode(texts.WrongStateText), startAgain)))
    { Icon = Icon.Warning };

    /// <summary>A link that the game has made wrongly. What is wrong is for its developers, in English.</summary>
    public static Page BadLink(string problem, App? app = null) => new(Status400BadRequest, app, texts => (texts.BadLink, $"""
        {Text(texts, Encode(texts.BadLinkText))}
        <p class="soft" lang="en" dir="ltr">{Encode(problem)}</p>
        """))
    { Icon = Icon.Warning, Problem = problem };

    public static Page NotFound() => new(Status404NotFound, null, texts => (
        texts.NotFound, Text(texts, Encode(texts.NotFoundText))))
    { Icon = Icon.Warning };

    public static Page ProviderTrouble(Registration at, string? startAgain, App app, int status = Status502BadGateway) => new(
        status, app, texts => (
            texts.ProviderTrouble.Replace("{0}", at.Provider.DisplayName, StringComparison.Ordinal),
            Text(texts, Fill(texts.ProviderTroubleText, at.Provider.DisplayName), startAgain)))
    { Icon = Icon.Warning };

    public static Page TooManySignIns(TimeSpan wait, App? app = null) => new(Status429TooManyRequests, app, texts => (
        texts.TooManySignIns, Text(texts, Wait(texts.TooManySignInsText, wait))))
    { Icon = Icon.Clock, RetryAfter = wait };

    public static Page Unavailable() => new(Status503ServiceUnavailable, null, texts => (
        texts.Unavailable, Text(texts, Encode(texts.UnavailableText))))
    { Icon = Icon.Warning };

    public static Page Broken() => new(Status500InternalServerError, null, texts => (
        texts.Broken, Text(texts, Encode(texts.BrokenText))))
    { Icon = Icon.Warning };

    /// <summary>A heading with the game's name in it.</summary>
    internal static string Name(string text, App app) => text.Replace("{0}", app.DisplayName, StringComparison.Ordinal);

    /// <summary>A text with how long to wait.</summary>
    internal static string Wait(string text, TimeSpan wait) =>
        Encode(text).Replace("{0}", WholeMinutes(wait), StringComparison.Ordinal);

    /// <summary>A paragraph of HTML, and the button that begins the sign-in again, where there is something to begin.</summary>
    internal static string Text(Texts texts, string html, string? startAgain = null) =>
        $"<p>{html}</p>{(startAgain is null ? "" : "\n" + Button(startAgain, texts.StartAgain))}";

    private static string Button(string url, string text) => $"<a class=\"button\" href=\"{Encode(url)}\">{Encode(text)}</a>";

    /// <summary>Capitals, small letters and digits have cells of different shape: <c>w</c> and <c>W</c> look alike alone.</summary>
    private static string Cell(char character)
    {
        var kind = char.IsAsciiDigit(character) ? "digit" : char.IsAsciiLetterUpper(character) ? "upper" : "lower";
        return $"<span class=\"cell {kind}\">{character}</span>";
    }

    private static string Choice(Texts texts, Registration registration, string link, bool isLast)
    {
        var mark = registration.Mark is { } picture ? $"<img src=\"{Encode(picture)}\" alt=\"\">" : "";
        var label = Fill(texts.Of(registration.Provider.Label), registration.Provider.DisplayName);
        return $"""
            <a class="button even wide" href="{Encode(link)}">{mark}<span>{label}</span></a>
            {(isLast ? $"<p class=\"soft\">{Encode(texts.ChosenLast)}</p>" : "")}
            """;
    }
}
