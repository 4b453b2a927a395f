using Azure;

namespace TokenBroker.Storage;

/// <summary>The record of one player's sign-in. Nothing in it opens anything without the session id, which is not stored.</summary>
public sealed record Session
{
    /// <summary>How long a session and everything about it lives, from its beginning.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    /// <summary>
    /// The longest from claim to code entry: the provider's ten seconds, then the write with its retries. A claim that old without a code
    /// entry will have none.
    /// </summary>
    public static readonly TimeSpan MaxCompletionTime = TimeSpan.FromSeconds(45);

    /// <summary>
    /// How long after its claim a session is kept from the sweep: <see cref="MaxCompletionTime"/>, and the two minutes that another
    /// instance's clock may be behind. The session alone knows where its code entry will be.
    /// </summary>
    public static readonly TimeSpan SweepDelay = TimeSpan.FromMinutes(3);

    /// <summary>Where it is stored: <see cref="SessionId.RowKey"/>.</summary>
    public required string RowKey { get; init; }

    /// <summary>When everything about it ends.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The name of the app that it signs in to.</summary>
    public required string App { get; init; }

    /// <summary>The name of the registration that the game asked for; null when the player chooses, or it has one only.</summary>
    public string? Provider { get; init; }

    /// <summary>The name of the registration that the player of a device has chosen last; null until they have.</summary>
    public string? ChosenProvider { get; init; }

    /// <summary>What the game asked for.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>The game's PKCE challenge (RFC 7636, S256); null when it sent none.</summary>
    public string? CodeChallenge { get; init; }

    /// <summary>The thumbprint of the game's DPoP key (RFC 9449 §10), if it has announced one.</summary>
    public string? DpopKey { get; init; }

    /// <summary>
    /// What the game gave to have it back, such as <c>state</c>, sealed under the session id, in base64url: whoever reads or writes the
    /// table can neither learn it nor send the player elsewhere. Null when it gave nothing.
    /// </summary>
    public string? SealedParameters { get; init; }

    /// <summary>How far it has come.</summary>
    public SessionStatus Status { get; init; }

    /// <summary>When it was claimed by the request that completes it.</summary>
    public DateTimeOffset? ClaimedAt { get; init; }

    /// <summary>
    /// The row key that its code entry has or will have; known before the entry exists, so that no entry is ever without its session.
    /// </summary>
    public string? CodeEntryKey { get; init; }

    /// <summary>The row key of its user code's entry; null when no device waits for it.</summary>
    public string? UserCodeEntryKey { get; init; }

    /// <summary>What stands for the one browser that accepted or declined a device; null until one has.</summary>
    public string? DecidedBy { get; init; }

    /// <summary>The version read from or written to the store.</summary>
    public ETag ETag { get; init; }

    /// <summary>When it began.</summary>
    public DateTimeOffset BeganAt => ExpiresAt - Lifetime;

    /// <summary>Whether a device waits for the tokens, and no access code is shown.</summary>
    public bool IsForDevice => UserCodeEntryKey is not null;

    /// <summary>Begins a session.</summary>
    /// <param name="id">What the browser holds.</param>
    /// <param name="app">The app's name.</param>
    /// <param name="scopes">What the game asks for.</param>
    /// <returns>A pending session.</returns>
    public static Session Begin(SessionId id, string app, IReadOnlyList<string> scopes) => new()
    {
        RowKey = id.RowKey,
        ExpiresAt = id.BeganAt + Lifetime,
        App = app,
        Scopes = scopes,
    };

    /// <summary>Whether it has ended.</summary>
    /// <param name="now">The present.</param>
    /// <returns>Whether its lifetime is over.</returns>
    public bool IsExpired(DateTimeOffset now) => now >= ExpiresAt;

    /// <summary>The session as claimed by the one request that completes it.</summary>
    /// <param name="codeEntry">The row key that its code entry will have.</param>
    /// <param name="now">The present.</param>
    /// <returns>The claimed session, to be stored.</returns>
    public Session Claim(string codeEntry, DateTimeOffset now) =>
        this with { Status = SessionStatus.Claimed, ClaimedAt = now, CodeEntryKey = codeEntry };

    /// <summary>Whether it has ended, and no request can still be writing its code entry.</summary>
    /// <param name="now">The present.</param>
    /// <returns>Whether a sweep may remove it.</returns>
    public bool MayBeSwept(DateTimeOffset now)
    {
        var isBeingCompleted = Status == SessionStatus.Claimed && now < ClaimedAt + SweepDelay;
        return IsExpired(now) && !isBeingCompleted;
    }
}

/// <summary>How far a session has come.</summary>
public enum SessionStatus
{
    /// <summary>The player is at the provider.</summary>
    Pending,

    /// <summary>
    /// One request has claimed it, to exchange the provider's code and store the code entry. A browser's sign-in stays so: its code entry
    /// tells the rest.
    /// </summary>
    Claimed,

    /// <summary>The player, or the provider for them, declined.</summary>
    Declined,

    /// <summary>The provider gave no token.</summary>
    Failed,

    /// <summary>The waiting device has redeemed its tokens.</summary>
    Redeemed,
}
