using Azure;

namespace TokenBroker.Sessions;

/// <summary>The record of one player's sign-in. Nothing in it opens anything without the session id, which is not stored.</summary>
public sealed record Session
{
    /// <summary>How long a session and everything about it lives, from its creation.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    /// <summary>Where it is stored.</summary>
    public required SessionKey Key { get; init; }

    /// <summary>When everything about it ends.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The name of the app that it signs in to.</summary>
    public required string App { get; init; }

    /// <summary>What the game asked for.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>The game's proof key challenge (RFC 7636, S256); null when it sent none.</summary>
    public string? CodeChallenge { get; init; }

    /// <summary>How far it has come.</summary>
    public SessionStatus Status { get; init; }

    /// <summary>When it was claimed by the request that completes it.</summary>
    public DateTimeOffset? ClaimedAt { get; init; }

    /// <summary>Where its grant is, or will be, stored; known before the grant exists, so that no grant is ever without its session.</summary>
    public GrantKey? Grant { get; init; }

    /// <summary>Where the way from the user code to this session is stored; null when no device waits for it.</summary>
    public GrantKey? UserCode { get; init; }

    /// <summary>What stands for the one browser that accepted a device; null until one has.</summary>
    public string? AcceptedBy { get; init; }

    /// <summary>Whether a device waits for the tokens, and no access code is shown.</summary>
    public bool IsForDevice => UserCode is not null;

    /// <summary>Which of its access codes, that follow from the session id, a claimed session has: the first, 0, unless that one was in use.</summary>
    public int Draw { get; init; }

    /// <summary>The version read from or written to the store.</summary>
    public ETag ETag { get; init; }

    /// <summary>Starts a session.</summary>
    /// <param name="id">What the browser holds.</param>
    /// <param name="app">The app's name.</param>
    /// <param name="scopes">What the game asks for.</param>
    /// <param name="codeChallenge">The game's proof key challenge, if any.</param>
    /// <returns>A pending session.</returns>
    public static Session Start(SessionId id, string app, IReadOnlyList<string> scopes, string? codeChallenge) => new()
    {
        Key = id.Key,
        ExpiresAt = id.CreatedAt + Lifetime,
        App = app,
        Scopes = scopes,
        CodeChallenge = codeChallenge,
    };

    /// <summary>Whether it has ended.</summary>
    /// <param name="now">The present.</param>
    /// <returns>Whether its lifetime is over.</returns>
    public bool IsExpired(DateTimeOffset now) => now >= ExpiresAt;

    /// <summary>Takes the session for the one request that will complete it.</summary>
    internal Session Claim(GrantKey grant, int draw, DateTimeOffset now) => this with
    {
        Status = SessionStatus.Claimed,
        ClaimedAt = now,
        Grant = grant,
        Draw = draw,
    };
}

/// <summary>How far a session has come.</summary>
public enum SessionStatus
{
    /// <summary>The player is at the provider.</summary>
    Pending,

    /// <summary>One request has taken it, to exchange the provider's code and store the grant.</summary>
    Claimed,

    /// <summary>The player, or the provider for them, said no.</summary>
    Declined,

    /// <summary>The provider did not give a token.</summary>
    Failed,

    /// <summary>The waiting device has its tokens.</summary>
    Collected,
}
