using System.Text.Encodings.Web;

namespace TokenBroker.Web;

/// <summary>What games and operators get: JSON. The one place that writes token replies and errors.</summary>
internal sealed class JsonReply : IResult
{
    // The reply says that it is JSON, and nosniff: nobody reads it as HTML, so characters need no escaping.
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly int _status;
    private readonly Action<Utf8JsonWriter> _write;
    private readonly OAuthError? _error;
    private readonly TimeSpan _retryAfter;

    private JsonReply(int status, Action<Utf8JsonWriter> write, OAuthError? error = null, TimeSpan? retryAfter = null) =>
        (_status, _write, _error, _retryAfter) = (status, write, error, retryAfter ?? TimeSpan.FromSeconds(5));

    /// <summary>An error (RFC 6749 §5.2).</summary>
    /// <param name="error">The error.</param>
    /// <param name="retryAfter">What Retry-After says with status 429 and 503.</param>
    public static JsonReply Failure(OAuthError error, TimeSpan? retryAfter = null) => new(
        error.Status,
        Object(json =>
        {
            json.WriteString("error", error.Error);
            json.WriteString("error_description", error.Description);
        }),
        error,
        retryAfter);

    /// <summary>
    /// Tokens (RFC 6749 §5.1); <c>expires_in</c> counts from this reply, absent members are left out. The access token has the name that
    /// the route's games read: <c>oauth_token</c> in the seed.
    /// </summary>
    public static JsonReply Tokens(
        string accessTokenName, TokenReply tokens, DateTimeOffset now) => new(StatusCodes.Status200OK, Object(json =>
    {
        json.WriteString(accessTokenName, tokens.AccessToken);
        WriteIfAny(json, "token_type", tokens.TokenType);
        if (tokens.ExpiresAt is { } expiry)
            json.WriteNumber("expires_in", Math.Max(0, (long)(expiry - now).TotalSeconds));
        WriteIfAny(json, "refresh_token", tokens.RefreshToken);
        WriteIfAny(json, "scope", tokens.Scope);
        if (tokens.Extra is null)
            return;
        json.WritePropertyName("extra");
        JsonSerializer.Serialize(json, tokens.Extra, JsonText.Default.IReadOnlyDictionaryStringJsonElement);
    }));

    /// <summary>A provider's JSON, passed through.</summary>
    public static JsonReply Raw(byte[] json) => new(StatusCodes.Status200OK, writer => writer.WriteRawValue(json));

    /// <summary>Anything else.</summary>
    public static JsonReply Status(int status, Action<Utf8JsonWriter> write) => new(status, Object(write));

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = _status;
        response.ContentType = "application/json";
        if (_status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable)
            response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(_retryAfter.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        // RFC 6750 §3; a request without a token is told no error, §3.1.
        if (_error == OAuthError.MissingToken)
            response.Headers.WWWAuthenticate = "Bearer";
        else if (_error == OAuthError.InvalidToken || _error == OAuthError.InsufficientScope)
            response.Headers.WWWAuthenticate = $"Bearer error=\"{_error.Error}\"";

        using (var json = new Utf8JsonWriter(response.BodyWriter, Plain))
        {
            try
            {
                _write(json);
            }
            catch
            {
                httpContext.Abort(); // Half a reply must not go out.
                throw;
            }
            json.Flush();
            response.ContentLength = json.BytesCommitted;
        }
        await response.BodyWriter.FlushAsync(httpContext.RequestAborted);
    }

    private static Action<Utf8JsonWriter> Object(Action<Utf8JsonWriter> members) => json =>
    {
        json.WriteStartObject();
        members(json);
        json.WriteEndObject();
    };

    private static void WriteIfAny(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
            json.WriteString(name, value);
    }
}
