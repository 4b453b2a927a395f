using static Microsoft.AspNetCore.Http.StatusCodes;
using static TokenBroker.Web.Pages.PageTemplate;

namespace TokenBroker.Web.Pages;

/// <summary>Every page: what happened, in plain words, and what to do next.</summary>
internal static class BrokerPages
{
    public static Page Landing(string devicePath) => new(Status200OK, null, texts => (texts.LandingTitle, $"""
        <p>{Encode(texts.LandingText)}</p>
        <p>{Button(devicePath, texts.LandingDevice)}</p>
        """));

    public static Page AccessCode(App app, AccessCode code, TimeSpan left, string? newCode) => new(Status200OK, app, texts =>
    {
        var seconds = (int)left.TotalSeconds;
        var clock = $"<time id=\"left\" datetime=\"PT{seconds}S\" data-seconds=\"{seconds}\">{Minutes(left)}</time>";
        return (texts.SignedIn, $"""
            <div id="live">
            <p>{Fill(texts.TypeCode, app.DisplayName)}</p>
            <p><strong class="code" id="access-code">{code.Text}</strong></p>
            <p><button id="copy" class="button" type="button" data-done="{Encode(texts.Copied)}" hidden>{Encode(texts.Copy)}</button></p>
            <p>{Encode(texts.TimeLeft).Replace("{0}", clock, StringComparison.Ordinal)}</p>
            <p class="soft">{Encode(texts.WorksOnce)}</p>
            <p class="soft">{Encode(texts.ShowNobody)}</p>
            </div>
            <p id="over" data-said="{Encode(texts.CodeOver)}" hidden>{(newCode is null ? "" : Button(newCode, texts.NewCode))}</p>
            <p id="say" class="heard" aria-live="polite" data-left="{Encode(texts.TimeLeft)}"></p>
            """);
    });

    /// <summary>Asks where to sign in. Each provider is a link, which works without script.</summary>
    public static Page ChooseProvider(App app, IReadOnlyList<(Registration Registration, string Link)> choices, string? last) => new(
        Status200OK, app, texts => (texts.ChooseTitle.Replace("{0}", app.DisplayName, StringComparison.Ordinal), $"""
            <p>{Encode(texts.ChooseText)}</p>
            {string.Join('\n', choices.Select(choice => Choice(texts, choice.Registration, choice.Link, choice.Registration.Name == last)))}
            """));

    /// <summary>
    /// Leads back to the game by a private-use scheme: by itself where the browser lets it, and by a button, after whose click every
    /// browser does.
    /// </summary>
    public static Page BackToGame(App app, string address, OAuthError? error) => new(Status200OK, app, texts => (
        error is null ? texts.SignedIn : error == OAuthError.AccessDenied ? texts.SaidNo : texts.Broken, $"""
            <p><a class="button" href="{Encode(address)}">{Fill(texts.BackToGame, app.DisplayName)}</a></p>
            <p>{Encode(texts.BackToGameText)} {Encode(texts.ClosePage)}</p>
            """))
    {
        RefreshAfter = 0,
        RefreshTo = address,
    };

    public static Page EnterUserCode(string action, string formToken, bool isWrong) => new(
        isWrong ? Status400BadRequest : Status200OK,
        null,
        texts =>
        {
            var alert = isWrong ? $"<p role=\"alert\" id=\"wrong\">{Encode(texts.EnterWrong)}</p>" : "";
            var describedBy = isWrong ? "wrong hint" : "hint";
            var invalid = isWrong ? " aria-invalid=\"true\"" : "";
            return (texts.EnterTitle, $"""
                {alert}
                <p id="hint">{Encode(texts.EnterText)}</p>
                <form method="post" action="{Encode(action)}">
                <input type="hidden" name="form_token" value="{formToken}">
                <p><label for="entry">{Encode(texts.Code)}</label>
                <input id="entry" class="entry" name="user_code" required maxlength="20" autocomplete="off" autocapitalize="characters"
                spellcheck="false" aria-describedby="{describedBy}"{invalid}></p>
                <p><button class="button" type="submit">{Encode(texts.Continue)}</button></p>
                </form>
                """);
        })
    { FormAction = "'self'" };

    /// <summary>Asks whether a device may be signed in. Who came by a link is not told the code, and chooses it.</summary>
    public static Page ConfirmDevice(
        App app, Choice? only, TimeSpan age, DeviceQuestion question, string action, Uri? provider) => new(
        question.HasPickedWrong ? Status400BadRequest : Status200OK,
        app,
        texts => (texts.ConfirmTitle.Replace("{0}", app.DisplayName, StringComparison.Ordinal), $"""
            <p>{(only is null
                ? Fill(texts.ConfirmTextAny, app.DisplayName)
                : Fill(texts.ConfirmText, app.DisplayName, only.Registration.Provider.DisplayName))}
            {Encode(texts.Began[Math.Clamp((int)age.TotalMinutes, 0, texts.Began.Count - 1)])}</p>
            {(only is null or { Scopes.Count: 0 } ? "" : $"<p>{Fill(texts.ConfirmScopes, string.Join(", ", only.Scopes))}</p>")}
            <form method="post" action="{Encode(action)}">
            <input type="hidden" name="form_token" value="{question.FormToken}">
            {(question.SealedLink is { } link ? CodeChoice(texts, question, link) : TypedCode(texts, question.Codes[0]))}
            <p class="soft">{Encode(texts.ConfirmWarning)}</p>
            <p><button class="button" id="accept" type="submit" name="action" value="accept">{Encode(texts.Accept)}</button>
            <button class="button" type="submit" name="action" value="decline" formnovalidate>{Encode(texts.Decline)}</button></p>
            </form>
            """))
        {
            // Chromium checks every redirect after a form against this list, and providers send players on to sign-in hosts of their own.
            FormAction = provider is null
                ? "'self'"
                : $"'self' {provider.GetLeftPart(UriPartial.Authority)}{(provider.Scheme == Uri.UriSchemeHttps ? " https:" : "")}",
        };

    public static Page DeviceDeclined(App app) => Message(
        Status403Forbidden, app, texts => texts.SaidNo, texts =>
            $"{Fill(texts.DeviceDeclined, app.DisplayName)} {Encode(texts.ClosePage)}");

    public static Page GameSignedIn(App app) => Message(
        Status200OK, app, texts => texts.SignedIn, texts => $"{Fill(texts.DeviceSignedIn, app.DisplayName)} {Encode(texts.ClosePage)}");

    public static Page Finishing(App app) =>
        Message(Status202Accepted, app, texts => texts.OneMoment, texts => Encode(texts.Finishing)) with { RefreshAfter = 2 };

    public static Page Over(App app, string? startAgain) =>
        Message(Status410Gone, app, texts => texts.SignInOver, texts => Encode(texts.SignInOverText), startAgain);

    public static Page NotFinished(App app, string? startAgain) =>
        Message(Status400BadRequest, app, texts => texts.NotYet, texts => Encode(texts.NotYetText), startAgain);

    public static Page Declined(Registration at, string? startAgain, App app) => Message(
        Status403Forbidden, app, texts => texts.SaidNo, texts =>
            Fill(texts.SaidNoText, at.Provider.DisplayName, app.DisplayName), startAgain);

    public static Page Expired(App? app, string? startAgain) =>
        Message(Status410Gone, app, texts => texts.TooLong, texts => Encode(texts.TooLongText), startAgain);

    public static Page CookiesOff() =>
        Message(Status400BadRequest, null, texts => texts.Forgot, texts => Encode(texts.ForgotText));

    public static Page WrongState(App app, string? startAgain) =>
        Message(Status400BadRequest, app, texts => texts.OtherSignIn, texts => Encode(texts.OtherSignInText), startAgain);

    /// <summary>A link that the game has made wrongly. What is wrong is for its developers, in English.</summary>
    public static Page BadLink(string problem) => new(Status400BadRequest, null, texts => (texts.BadLink, $"""
        <p>{Encode(texts.BadLinkText)}</p>
        <p class="soft" lang="en" dir="ltr">{Encode(problem)}</p>
        """));

    public static Page ProviderTrouble(Registration at, string? startAgain, App app, int status = Status502BadGateway) => Message(
        status,
        app,
        texts => texts.ProviderTrouble.Replace("{0}", at.Provider.DisplayName, StringComparison.Ordinal),
        texts => Fill(texts.ProviderTroubleText, at.Provider.DisplayName),
        startAgain);

    public static Page TooManySignIns(TimeSpan wait) => TooMany(wait, texts => texts.TooManySignIns, texts => texts.TooManySignInsText);

    public static Page TooManyCodes(TimeSpan wait) => TooMany(wait, texts => texts.TooManyCodes, texts => texts.TooManyCodesText);

    public static Page Unavailable() =>
        Message(Status503ServiceUnavailable, null, texts => texts.Unavailable, texts => Encode(texts.UnavailableText));

    public static Page Broken() =>
        Message(Status500InternalServerError, null, texts => texts.Broken, texts => Encode(texts.BrokenText));

    private static string Choice(Texts texts, Registration registration, string link, bool isLast) => $"""
        <p><a class="button wide" href="{Encode(link)}">{Fill(texts.ChooseWith, registration.Provider.DisplayName)}</a>
        {(isLast ? $"<br><span class=\"soft\">{Encode(texts.ChosenLast)}</span>" : "")}</p>
        """;

    private static string TypedCode(Texts texts, UserCode code) => $"""
        <p>{Encode(texts.ConfirmCode)}</p>
        <p><strong class="code" id="user-code">{code.Text}</strong></p>
        <input type="hidden" name="user_code" value="{code.Text}">
        """;

    private static string CodeChoice(Texts texts, DeviceQuestion question, string sealedLink)
    {
        var alert = question.HasPickedWrong ? $"<p role=\"alert\" id=\"wrong\">{Encode(texts.PickWrong)}</p>" : "";
        var describedBy = question.HasPickedWrong ? " aria-describedby=\"wrong\"" : "";
        var choices = question.Codes.Select(code =>
            $"<label class=\"choice code\"><input type=\"radio\" name=\"user_code\" value=\"{code.Text}\" required> {code.Text}</label>");
        return $"""
            {alert}
            <input type="hidden" name="link" value="{sealedLink}">
            <fieldset{describedBy}>
            <legend>{Encode(texts.PickCode)}</legend>
            {string.Join('\n', choices)}
            </fieldset>
            """;
    }

    private static Page TooMany(TimeSpan wait, Func<Texts, string> title, Func<Texts, string> text) => Message(
        Status429TooManyRequests, null, title, texts =>
            Encode(text(texts)).Replace("{0}", WholeMinutes(wait), StringComparison.Ordinal)) with
    { RetryAfter = wait };

    private static Page Message(int status, App? app, Func<Texts, string> title, Func<Texts, string> html, string? startAgain = null) =>
        new(status, app, texts => (title(texts), $"""
            <p>{html(texts)}</p>
            {(startAgain is null ? "" : $"<p>{Button(startAgain, texts.StartAgain)}</p>")}
            """));

    private static string Button(string url, string text) => $"<a class=\"button\" href=\"{Encode(url)}\">{Encode(text)}</a>";
}
