namespace TokenBroker.Apps;

/// <summary>Lists of scopes in requests.</summary>
internal static class Scopes
{
    /// <summary>Scopes out of a text: comma- or space-separated.</summary>
    public static IReadOnlyList<string> Split(string? text) =>
        (text ?? "").Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>
    /// Reads scopes that must be among those granted (RFC 6749 §6): those, or all granted ones when none are asked for.
    /// </summary>
    /// <param name="text">The request's <c>scope</c>.</param>
    /// <param name="granted">What was granted.</param>
    /// <returns>The scopes; null when one was not granted.</returns>
    public static IReadOnlyList<string>? Narrow(string? text, IReadOnlyList<string> granted)
    {
        var asked = Split(text);
        if (asked.Count == 0)
            return granted;
        if (!asked.All(scope => granted.Contains(scope, StringComparer.OrdinalIgnoreCase)))
            return null;
        return [.. granted.Where(scope => asked.Contains(scope, StringComparer.OrdinalIgnoreCase))];
    }
}
