using Microsoft.AspNetCore.Http;
using TokenBroker.Apps;
using TokenBroker.Sessions;
using static TokenBroker.Pages.PageTemplate;

namespace TokenBroker.Pages;

/// <summary>Every page: what happened, in plain words, and what to do next.</summary>
internal static class BrokerPages
{
    public static Page AccessCode(App app, AccessCode code, TimeSpan left) => new(StatusCodes.Status200OK, Frame("You are signed in", $"""
        <p>Type this code into <strong>{Encode(app.DisplayName)}</strong>:</p>
        <p><strong id="access-code">{code.Text}</strong></p>
        <p class="soft">It works once, for the next <time datetime="PT{(int)left.TotalSeconds}S">{Duration(left)}</time>. Capital and small letters count.</p>
        <p class="soft">Show it to nobody: whoever types it first is signed in as you.</p>
        """));

    public static Page EnterUserCode(string action, bool wrong) => new(
        wrong ? StatusCodes.Status400BadRequest : StatusCodes.Status200OK,
        Frame("Sign in on another device", $"""
        <p>Enter the code that your game shows.</p>
        {(wrong ? "<p role=\"alert\">This code is wrong, too old, or already used. Look at your game again; codes live five minutes.</p>" : "")}
        <form method="post" action="{Encode(action)}">
        <p><label for="user-code">Code</label></p>
        <p><input id="user-code" name="user_code" required maxlength="20" autocomplete="off" autocapitalize="characters" spellcheck="false" placeholder="ABCD-EFGH"></p>
        <p><button class="button">Continue</button></p>
        </form>
        """))
    { FormAction = "'self'" };

    public static Page ConfirmDevice(App app, IReadOnlyList<string> scopes, UserCode code, string action, string formToken, Uri provider) => new(
        StatusCodes.Status200OK,
        Frame($"Sign in to {app.DisplayName}?", $"""
        <p>A device wants to be signed in to <strong>{Encode(app.DisplayName)}</strong> with your account at <strong>{Encode(app.Provider.DisplayName)}</strong>{(scopes.Count == 0 ? "." : $", and asks for: {Encode(string.Join(", ", scopes))}.")}</p>
        <p>Does the device in front of you show this code?</p>
        <p><strong id="user-code">{code.Text}</strong></p>
        <p class="soft">Accept only if it does and you started this yourself. Whoever sent you this code or link will otherwise be signed in as you.</p>
        <form method="post" action="{Encode(action)}">
        <input type="hidden" name="user_code" value="{code.Text}">
        <input type="hidden" name="form_token" value="{formToken}">
        <p class="choice"><button class="button" name="action" value="accept">Accept</button> <button class="button" name="action" value="decline">Decline</button></p>
        </form>
        """))
    {
        // Chromium holds every redirect after a form against this list, and providers send players on to sign-in hosts of their own.
        FormAction = $"'self' {provider.GetLeftPart(UriPartial.Authority)}{(provider.Scheme == Uri.UriSchemeHttps ? " https:" : "")}",
    };

    public static Page DeviceDeclined(App app) => Failure(StatusCodes.Status403Forbidden, "You said no", $"""
        Nothing was shared with {Encode(app.DisplayName)}, and your game has been told. You can close this page.
        """, null);

    public static Page DeviceSignedIn(App app) => new(StatusCodes.Status200OK, Frame("You are signed in", $"""
        <p>Go back to <strong>{Encode(app.DisplayName)}</strong>: it goes on by itself in a few seconds.</p>
        <p class="soft">You can close this page.</p>
        """));

    public static Page TooManyCodes(TimeSpan wait) => Failure(StatusCodes.Status429TooManyRequests, "Too many wrong codes", $"""
        Too many wrong codes have been entered from your network. Wait {Duration(wait)}, then try again.
        """, null) with
    { RetryAfter = wait };

    public static Page Finishing() => new(StatusCodes.Status202Accepted, Frame("One moment", """
        <p>Your sign-in is being finished. This page looks again in two seconds; if it does not, reload it.</p>
        """))
    { RefreshAfter = 2 };

    public static Page AlreadyFinished(string? startAgain) => Failure(StatusCodes.Status410Gone, "This sign-in is over", """
        It has already been finished, or was interrupted before it could be. If your game is not signed in, start again.
        """, startAgain);

    public static Page NotFinished(string? startAgain) => Failure(StatusCodes.Status400BadRequest, "Not signed in yet", """
        You have not come back from the sign-in page yet. Finish there, or start again.
        """, startAgain);

    public static Page Declined(App app, string? startAgain) => Failure(StatusCodes.Status403Forbidden, "You said no", $"""
        {Encode(app.Provider.DisplayName)} reports that access for {Encode(app.DisplayName)} was declined, so nothing was shared. If that was a mistake, start again.
        """, startAgain);

    public static Page Expired(string? startAgain) => Failure(StatusCodes.Status410Gone, "That took too long", """
        A sign-in must be finished within five minutes. Start again; nothing is lost.
        """, startAgain);

    public static Page CookiesOff() => Failure(StatusCodes.Status400BadRequest, "Your browser forgot the sign-in", """
        The cookie that was set at the beginning did not come back. Allow cookies for this site, stay in one browser window, and start again from your game.
        """, null);

    public static Page WrongState(string? startAgain) => Failure(StatusCodes.Status400BadRequest, "This link belongs to another sign-in", """
        It does not fit the sign-in that this browser has begun. If you opened several at once, use the newest one, or start again.
        """, startAgain);

    public static Page BadLink(string problem) => Failure(StatusCodes.Status400BadRequest, "This link does not work", $"""
        {Encode(problem)} Start again from your game; if it happens again, tell the game's makers.
        """, null);

    public static Page ProviderTrouble(App app, int status, string? startAgain) => Failure(status, $"{app.Provider.DisplayName} did not answer properly", $"""
        Your sign-in could not be finished because of trouble at {Encode(app.Provider.DisplayName)}. Wait a little, then start again.
        """, startAgain);

    public static Page TooMany(TimeSpan wait) => Failure(StatusCodes.Status429TooManyRequests, "Too many sign-ins", $"""
        Very many sign-ins have been started from your network. Wait {Duration(wait)}, then start again from your game.
        """, null) with
    { RetryAfter = wait };

    public static Page Unavailable() => Failure(StatusCodes.Status503ServiceUnavailable, "We have trouble", """
        Signing in does not work at the moment. Wait a minute, then start again from your game.
        """, null);

    public static Page Broken() => Failure(StatusCodes.Status500InternalServerError, "Something went wrong", """
        That is our fault, not yours. Start again from your game.
        """, null);

    private static Page Failure(int status, string title, string text, string? startAgain) => new(status, Frame(title, $"""
        <p>{text.Trim()}</p>
        {(startAgain is null ? "" : $"<p><a class=\"button\" href=\"{Encode(startAgain)}\">Start again</a></p>")}
        """));

    private static string Duration(TimeSpan left) => (int)left.TotalMinutes switch
    {
        0 => $"{left.Seconds} seconds",
        1 => $"1 minute {left.Seconds} seconds",
        var minutes => $"{minutes} minutes {left.Seconds} seconds",
    };
}
