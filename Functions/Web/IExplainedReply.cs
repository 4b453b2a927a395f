namespace TokenBroker.Web;

/// <summary>An answer that may tell of something wrong; then the log says the same in one line, under the same reference.</summary>
internal interface IExplainedReply
{
    /// <summary>What is wrong; null when nothing is, or when the log has no use for it.</summary>
    Explanation? Explanation { get; }
}

/// <summary>What is wrong, for developers. Nothing in it comes from a request or a provider.</summary>
/// <param name="Answer">The page, or the error code.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="App">The game, where the answer knows it.</param>
/// <param name="Problem">What is wrong, as a sentence; null when <paramref name="Answer"/> says it.</param>
internal sealed record Explanation(string Answer, int Status, string? App, string? Problem);
