using Microsoft.Extensions.Logging.Testing;

namespace TokenBroker.Tests.Infrastructure;

internal static class LogRecords
{
    /// <summary>
    /// All that was logged: messages, structured values, scopes and exceptions, so that a search for a secret finds it wherever it
    /// stands.
    /// </summary>
    public static string TextOf(FakeLogCollector log) => string.Join('\n', log.GetSnapshot().Select(TextOf));

    private static string TextOf(FakeLogRecord record)
    {
        var values = string.Join(' ', record.StructuredState?.Select(Text) ?? []);
        var scopes = string.Join(' ', record.Scopes.Select(Text));
        return $"{record.Level} {record.Category} {record.Id} {record.Message} {values} {scopes} {record.Exception}";
    }

    private static string Text(KeyValuePair<string, string?> pair) => $"{pair.Key}={pair.Value}";

    private static string Text(object? scope) => scope is IEnumerable<KeyValuePair<string, object?>> pairs
        ? string.Join(' ', pairs.Select(pair => $"{pair.Key}={pair.Value}"))
        : $"{scope}";
}
