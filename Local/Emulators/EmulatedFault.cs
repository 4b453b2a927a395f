using Microsoft.AspNetCore.Http;

namespace TokenBroker.Local.Emulators;

/// <summary>What an emulated provider does wrong on purpose, so that a developer sees what a game's players and the log are told.</summary>
internal enum EmulatedFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Its token endpoint answers after the broker has given up.</summary>
    Slow,

    /// <summary>Its token endpoint answers 503 with a page.</summary>
    Down,

    /// <summary>It sends players back at once, as if they had declined.</summary>
    SaysNo,

    /// <summary>It wants another client secret.</summary>
    WrongSecret,

    /// <summary>Its clock is ten minutes ahead, as its ID tokens tell.</summary>
    ClockAhead,
}

/// <summary>How they are done.</summary>
internal static class EmulatedFaults
{
    /// <summary>Longer than the broker waits.</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromSeconds(12);

    public static readonly TimeSpan ClockOffset = TimeSpan.FromMinutes(10);

    public static Task AnswerDownAsync(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        http.Response.ContentType = "text/html";
        return http.Response.WriteAsync("<!DOCTYPE html><title>Down</title><p>We are down for maintenance.</p>");
    }
}
