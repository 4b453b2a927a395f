namespace TokenBroker.Web;

/// <summary>The paths of endpoints that others lead to, below the public URL.</summary>
internal static class Paths
{
    public const string Authorize = "authorize";
    public const string CreateSession = "create-session";
    public const string Complete = "complete";
    public const string Device = "device";
    public const string DeviceAuthorization = "device_authorization";
    public const string ExchangeCode = "exchange-code";
    public const string ExchangeCodeUnderscore = "exchange_code";
    public const string Token = "token";
    public const string Revoke = "revoke";
    public const string Jwks = "jwks";

    /// <summary>
    /// The address that brings a player to the device page without typing (<c>verification_uri_complete</c>, RFC 8628 §3.3.1).
    /// </summary>
    public static string DeviceLink(BrokerOptions options, UserCode code) => $"{options.Url(Device)}?user_code={code.Text}";
}
