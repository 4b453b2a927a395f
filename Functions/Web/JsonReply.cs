using System.Text.Encodings.Web;

namespace TokenBroker.Web;

/// <summary>What games and operators get: JSON. The one place that writes token replies and errors.</summary>
internal sealed class JsonReply(int status, Action<Utf8JsonWriter> write, OAuthError? error = null, TimeSpan? retryAfter = null)
    : IResult, IExplainedReply
{
    // The reply says that it is JSON, and nosniff: nobody reads it as HTML, so characters need no escaping.
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What Retry-After says unless the error knows better.</summary>
    private static readonly TimeSpan DefaultRetryAfter = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public Explanation? Explanation => error is null || error.IsPending ? null : new(error.Error, status, null, error.Description);

    /// <summary>An error (RFC 6749 §5.2), with the request's trace id.</summary>
    /// <param name="error">The error.</param>
    /// <param name="retryAfter">What Retry-After says with status 429 and 503.</param>
    public static JsonReply Failure(OAuthError error, TimeSpan? retryAfter = null) => new(
        error.Status,
        Object(json =>
        {
            json.WriteString("error", error.Error);
            json.WriteString("error_description", error.Description);
            json.WriteString("trace_id", RequestTrace.Id);
        }),
        error, retryAfter);

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
        WriteIfAny(json, "id_token", tokens.IdToken);
        WriteIfAny(json, "provider", tokens.Provider);
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
        response.StatusCode = status;
        response.ContentType = "application/json";
        if (status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable)
            response.Headers.RetryAfter = WholeSeconds(retryAfter ?? DefaultRetryAfter);
        // RFC 6750 §3; a request without a token is told no error, §3.1.
        if (error == OAuthError.MissingToken)
            response.Headers.WWWAuthenticate = "Bearer";
        else if (error == OAuthError.InvalidToken || error == OAuthError.InsufficientScope)
            response.Headers.WWWAuthenticate = $"Bearer error=\"{error.Error}\"";

        using (var json = new Utf8JsonWriter(response.BodyWriter, Plain))
        {
            try
            {
                write(json);
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

    private static string WholeSeconds(TimeSpan span) => $"{(long)Math.Max(1, Math.Ceiling(span.TotalSeconds))}";

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
