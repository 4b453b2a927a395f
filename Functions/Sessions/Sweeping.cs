namespace TokenBroker.Sessions;

/// <summary>Which sessions a sweep may remove.</summary>
internal static class Sweeping
{
    /// <summary>
    /// The longest that a claimed session's grant may still be on its way into the store: <see cref="SignIn.MaxDuration"/>, and the two minutes that another instance's clock may be behind. Until then the session stays, since it alone knows where that grant will be.
    /// </summary>
    public static readonly TimeSpan ClaimGrace = TimeSpan.FromMinutes(3);

    /// <summary>Whether a session has ended and no request can still be writing its grant.</summary>
    public static bool IsDue(Session session, DateTimeOffset now) =>
        session.IsExpired(now) && !(session is { Status: SessionStatus.Claimed, ClaimedAt: { } claimed } && now < claimed + ClaimGrace);
}
