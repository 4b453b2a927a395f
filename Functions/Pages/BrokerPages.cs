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

    public static Page Finishing() => new(StatusCodes.Status202Accepted, Frame("One moment", """
        <p>Your sign-in is being finished. This page looks again in two seconds; if it does not, reload it.</p>
        """))
    { RefreshAfter = 2 };

    public static Page AlreadyFinished(string startAgain) => Failure(StatusCodes.Status410Gone, "This sign-in is over", """
        It has already been finished, or was interrupted before it could be. If your game is not signed in, start again.
        """, startAgain);

    public static Page NotFinished(string startAgain) => Failure(StatusCodes.Status400BadRequest, "Not signed in yet", """
        You have not come back from the sign-in page yet. Finish there, or start again.
        """, startAgain);

    public static Page Declined(App app, string startAgain) => Failure(StatusCodes.Status403Forbidden, "You said no", $"""
        {Encode(app.Provider.DisplayName)} reports that access for {Encode(app.DisplayName)} was declined, so nothing was shared. If that was a mistake, start again.
        """, startAgain);

    public static Page Expired(string? startAgain) => Failure(StatusCodes.Status410Gone, "That took too long", """
        A sign-in must be finished within five minutes. Start again; nothing is lost.
        """, startAgain);

    public static Page CookiesOff() => Failure(StatusCodes.Status400BadRequest, "Your browser forgot the sign-in", """
        The cookie that was set at the beginning did not come back. Allow cookies for this site, stay in one browser window, and start again from your game.
        """, null);

    public static Page WrongState(string startAgain) => Failure(StatusCodes.Status400BadRequest, "This link belongs to another sign-in", """
        It does not fit the sign-in that this browser has begun. If you opened several at once, use the newest one, or start again.
        """, startAgain);

    public static Page BadLink(string problem) => Failure(StatusCodes.Status400BadRequest, "This link does not work", $"""
        {Encode(problem)} Start again from your game; if it happens again, tell the game's makers.
        """, null);

    public static Page ProviderTrouble(App app, int status, string startAgain) => Failure(status, $"{app.Provider.DisplayName} did not answer properly", $"""
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
