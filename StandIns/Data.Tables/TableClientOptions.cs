using Azure.Core;

namespace Azure.Data.Tables;

/// <summary>How a client reaches the service: transport, retries, diagnostics.</summary>
public class TableClientOptions : ClientOptions;
