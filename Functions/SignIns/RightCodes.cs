namespace TokenBroker.SignIns;

/// <summary>
/// The codes that were right within the last five minutes, at this instance: presented again, one is a repetition and no guess.
/// </summary>
public sealed class RightCodes(TimeProvider time)
{
    private readonly WindowCounter _codes = new(Failure.Window, time);

    /// <summary>Remembers that a code was right.</summary>
    internal void Remember(string code) => _codes.Add(code, id: code, time.GetUtcNow());

    /// <summary>Whether a code was right.</summary>
    internal bool Contains(string code) => _codes.Count(code) > 0;
}
