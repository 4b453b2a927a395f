using static Microsoft.AspNetCore.Http.StatusCodes;
using static TokenBroker.Web.Pages.BrokerPages;
using static TokenBroker.Web.Pages.PageTemplate;

namespace TokenBroker.Web.Pages;

/// <summary>The pages on which a player signs a device in (RFC 8628 §3.3).</summary>
internal static class DevicePages
{
    /// <summary>Asks for the code that the device shows.</summary>
    public static Page EnterUserCode(string action, string formToken, bool isWrong) => new(
        isWrong ? Status400BadRequest : Status200OK,
        null,
        texts =>
        {
            var alert = isWrong ? $"<p role=\"alert\" id=\"wrong\" class=\"bad\">{Encode(texts.EnterWrong)}</p>" : "";
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
                <button class="button" type="submit">{Encode(texts.Continue)}</button>
                </form>
                """);
        })
    { FormAction = "'self'" };

    /// <summary>Asks whether a device may be signed in. Who came by a link is not told the code, and chooses it.</summary>
    public static Page ConfirmDevice(
        App app, Choice? only, TimeSpan age, DeviceQuestion question, string action, Uri? provider) => new(
        question.HasPickedWrong ? Status400BadRequest : Status200OK,
        app,
        texts => (Name(texts.ConfirmTitle, app), $"""
            <p>{(only is null
                ? Fill(texts.ConfirmTextAny, app.DisplayName)
                : Fill(texts.ConfirmText, app.DisplayName, only.Registration.Provider.DisplayName))}
            {Encode(texts.Began[Math.Clamp((int)age.TotalMinutes, 0, texts.Began.Count - 1)])}</p>
            <p class="warning">{Icon.Warning.Svg()}<span>{Encode(texts.ConfirmWarning)}</span></p>
            {(only is null or { Scopes.Count: 0 } ? "" : Scopes(texts, only))}
            <form method="post" action="{Encode(action)}">
            <input type="hidden" name="form_token" value="{question.FormToken}">
            {(question.SealedLink is { } link ? CodeChoice(texts, question, link) : TypedCode(texts, question.Codes[0]))}
            <div class="answers">
            <button class="button even" id="accept" type="submit" name="action" value="accept">
            {Icon.Check.Svg()}{Encode(texts.Accept)}</button>
            <button class="button even" type="submit" name="action" value="decline" formnovalidate>
            {Icon.Cross.Svg()}{Encode(texts.Decline)}</button>
            </div>
            </form>
            """))
        {
            // Chromium checks every redirect after a form against this list, and providers send players on to sign-in hosts of their own.
            FormAction = provider is null
                ? "'self'"
                : $"'self' {provider.GetLeftPart(UriPartial.Authority)}{(provider.Scheme == Uri.UriSchemeHttps ? " https:" : "")}",
        };

    public static Page DeviceDeclined(App app) => new(Status403Forbidden, app, texts => (
        texts.Declined, $"<p>{Fill(texts.DeviceDeclined, app.DisplayName)} {Encode(texts.ClosePage)}</p>"))
    { Icon = Icon.Cross };

    public static Page TooManyCodes(TimeSpan wait) => new(Status429TooManyRequests, null, texts => (
        texts.TooManyCodes, Text(texts, Wait(texts.TooManyCodesText, wait))))
    { Icon = Icon.Clock, RetryAfter = wait };

    /// <summary>The scopes in words, each kind once; those that no dialect knows as they are.</summary>
    private static string Scopes(Texts texts, Choice choice)
    {
        var items = choice.Scopes.Select(scope => choice.Registration.Provider.KindOf(scope) is { } kind
            ? Encode(texts.Of(kind))
            : $"<bdi>{Encode(scope)}</bdi>").Distinct();
        return $"<p>{Encode(texts.ConfirmScopes)}</p>\n<ul class=\"scopes\">{string.Concat(items.Select(item => $"<li>{item}</li>"))}</ul>";
    }

    private static string TypedCode(Texts texts, UserCode code) => $"""
        <p>{Encode(texts.ConfirmCode)}<br>
        <strong class="code" id="user-code">{code.Text}</strong></p>
        <input type="hidden" name="user_code" value="{code.Text}">
        """;

    private static string CodeChoice(Texts texts, DeviceQuestion question, string sealedLink)
    {
        var alert = question.HasPickedWrong ? $"<p role=\"alert\" id=\"wrong\" class=\"bad\">{Encode(texts.PickWrong)}</p>" : "";
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
}
