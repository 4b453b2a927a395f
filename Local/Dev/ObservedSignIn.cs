using TokenBroker.Apps;
using TokenBroker.Storage;

namespace TokenBroker.Local.Dev;

/// <summary>A sign-in as the console shows it: what was asked of the broker for it, and what the broker asked of others.</summary>
/// <param name="number">Its number in this run.</param>
internal sealed class ObservedSignIn(int number)
{
    public int Number => number;

    public App? App { get; set; }

    public Flow? Flow { get; set; }

    /// <summary>The session, once there is one. Never shown.</summary>
    public SessionId? Session { get; set; }

    /// <summary>The PKCE verifier of a sign-in that the console has begun; null of any other.</summary>
    public string? CodeVerifier { get; set; }

    /// <summary>Where the player is who has not come back yet; null when nobody is away.</summary>
    public Registration? WaitsFor { get; set; }

    public List<Step> Steps { get; } = [];

    /// <summary>How often its device has asked whether the player has decided.</summary>
    public int Polls { get; set; }

    /// <summary>How it stands, in words.</summary>
    public string Outcome { get; set; } = "begun";

    /// <summary>The user code that the console shows in the game's place; null of a sign-in that it has not begun.</summary>
    public string? UserCode { get; set; }

    /// <summary>What the game asks next, for a sign-in that the console has begun; null when it is not the game's turn.</summary>
    public NextRequest? Next { get; set; }
}

/// <summary>One request to the broker.</summary>
/// <param name="At">When it came.</param>
/// <param name="Request">Its method and path, without the query.</param>
/// <param name="Status">The status of the answer.</param>
/// <param name="Took">How long the answer took.</param>
/// <param name="Calls">What the broker asked of others meanwhile.</param>
/// <param name="Notes">What the broker's log says of it.</param>
internal sealed record Step(
    DateTimeOffset At, string Request, int Status, TimeSpan Took, IReadOnlyList<OutgoingCall> Calls, IReadOnlyList<string> Notes);

/// <summary>A request of the broker's to a provider, the vault or the storage.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Host">The host and port.</param>
/// <param name="Result">The HTTP status, or the kind of failure.</param>
/// <param name="Took">How long it took.</param>
internal sealed record OutgoingCall(string Method, string Host, string Result, TimeSpan Took);
