namespace Azure.Data.Tables.Wire;

/// <summary>Endpoint, account and key of a storage connection string.</summary>
internal sealed record ConnectionString(Uri Endpoint, string Account, byte[] Key)
{
    private const string EmulatorAccount = "devstoreaccount1";

    // Public by design: every storage emulator knows this one key.
    private const string EmulatorKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    public static ConnectionString Parse(string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        var parts = text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(part => part.Split('=', 2))
            .ToDictionary(part => part[0], part => part.Length == 2 ? part[1] : throw Malformed(), StringComparer.OrdinalIgnoreCase);

        if (parts.GetValueOrDefault("UseDevelopmentStorage") == "true")
            return new(new($"http://127.0.0.1:10002/{EmulatorAccount}"), EmulatorAccount, Convert.FromBase64String(EmulatorKey));

        if (!parts.TryGetValue("AccountName", out var account) || !parts.TryGetValue("AccountKey", out var key))
            throw Malformed();
        var endpoint = parts.TryGetValue("TableEndpoint", out var given) ? given.TrimEnd('/')
            : parts.TryGetValue("EndpointSuffix", out var suffix) ? $"{parts.GetValueOrDefault("DefaultEndpointsProtocol", "https")}://{account}.table.{suffix}"
            : throw Malformed();
        return new(new(endpoint), account, Convert.FromBase64String(key));
    }

    private static FormatException Malformed() => new("The storage connection string lacks AccountName, AccountKey, or both TableEndpoint and EndpointSuffix.");
}
