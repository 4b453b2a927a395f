using System.Globalization;
using System.Text;
using Azure.Data.Tables;

namespace TokenBroker.Tests.Infrastructure;

/// <summary>Everything in a table as text; bytes both in base64 and as they are.</summary>
internal static class Dump
{
    public static async Task<string> OfAsync(TableClient table)
    {
        var text = new StringBuilder();
        await foreach (var row in table.QueryAsync<TableEntity>())
        {
            foreach (var (_, value) in row)
                text.Append(CultureInfo.InvariantCulture, $"{(value is byte[] bytes ? Bytes(bytes) : value)} ");
            text.AppendLine();
        }
        return text.ToString();
    }

    private static string Bytes(byte[]? bytes) =>
        bytes is null ? "" : $"{Convert.ToBase64String(bytes)} {Encoding.Latin1.GetString(bytes)}";
}
