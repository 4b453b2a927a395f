namespace TokenBroker;

/// <summary>A configuration value is missing or wrong. The start stops; the message names the key and never its value.</summary>
/// <param name="key">The key as it stands in configuration, with <c>:</c> between its parts.</param>
/// <param name="problem">What is wrong with it, as the rest of the sentence.</param>
public sealed class ConfigurationException(string key, string problem)
    : Exception($"{key.Replace(":", "__", StringComparison.Ordinal)} {problem}");
