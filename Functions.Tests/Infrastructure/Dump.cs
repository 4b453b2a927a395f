using System.Globalization;
using System.Text;
using Azure.Data.Tables;
using TokenBroker.Storage;

namespace TokenBroker.Tests.Infrastructure;

/// <summary>Everything in a table as text; bytes both in base64 and as they are.</summary>
internal static class Dump
{
    public static async Task<string> OfAsync(TableClient table)
    {
        var text = new StringBuilder();
        await foreach (var row in table.QueryAsync<SessionRow>())
        {
            text.Append(CultureInfo.InvariantCulture,
                $"{row.PartitionKey} {row.RowKey} {row.App} {row.Scopes} {row.CodeChallenge} {row.Status} ");
            text.AppendLine(CultureInfo.InvariantCulture, $"{row.CodeEntry} {row.UserCodeEntry} {row.DecidedBy}");
        }
        await foreach (var row in table.QueryAsync<CodeEntryRow>())
            text.AppendLine(CultureInfo.InvariantCulture, $"{row.PartitionKey} {row.RowKey} {Bytes(row.Content)}");
        return text.ToString();
    }

    public static async Task<string> OfFailuresAsync(TableClient table)
    {
        var text = new StringBuilder();
        await foreach (var row in table.QueryAsync<FailureRow>())
            text.AppendLine(CultureInfo.InvariantCulture, $"{row.PartitionKey} {row.RowKey} {row.App} {row.FailedAt:O}");
        return text.ToString();
    }

    private static string Bytes(byte[]? bytes) =>
        bytes is null ? "" : $"{Convert.ToBase64String(bytes)} {Encoding.Latin1.GetString(bytes)}";
}
