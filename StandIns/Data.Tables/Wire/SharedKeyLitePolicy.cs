using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Azure.Data.Tables.Wire;

/// <summary>Signs each try with the account's key (Table service, "Shared Key Lite").</summary>
internal sealed class SharedKeyLitePolicy(string account, byte[] key) : HttpPipelineSynchronousPolicy
{
    public override void OnSendingRequest(HttpMessage message)
    {
        var request = message.Request;
        var date = DateTimeOffset.UtcNow.ToString("R", CultureInfo.InvariantCulture);
        var uri = request.Uri.ToUri();
        var component = uri.Query.Contains("comp=", StringComparison.Ordinal)
            ? "?" + uri.Query.TrimStart('?').Split('&').First(pair => pair.StartsWith("comp=", StringComparison.Ordinal))
            : "";
        var toSign = $"{date}\n/{account}{uri.AbsolutePath}{component}";
        var signature = Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign)));

        request.Headers.SetValue("x-ms-date", date);
        request.Headers.SetValue("Authorization", $"SharedKeyLite {account}:{signature}");
    }
}
