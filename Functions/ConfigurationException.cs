namespace TokenBroker;

/// <summary>
/// Configuration values are missing or wrong. The start stops; the message has a line for each, with the key and never its value.
/// </summary>
public sealed class ConfigurationException : Exception
{
    /// <summary>One value is wrong.</summary>
    /// <param name="key">The key as it stands in configuration, with <c>:</c> between its parts.</param>
    /// <param name="problem">What is wrong with it, as the rest of the sentence.</param>
    public ConfigurationException(string key, string problem)
        : this([$"{key.Replace(":", "__", StringComparison.Ordinal)} {problem}"])
    {
    }

    /// <summary>Several values are wrong.</summary>
    /// <param name="problems">A sentence for each.</param>
    internal ConfigurationException(IReadOnlyList<string> problems)
        : base(string.Join('\n', problems)) => Problems = problems;

    /// <summary>What is wrong: a sentence for each value.</summary>
    public IReadOnlyList<string> Problems { get; }
}
