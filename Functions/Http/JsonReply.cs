using System.Text.Json;
using Microsoft.AspNetCore.Http;
using TokenBroker.OAuth;

namespace TokenBroker.Http;

/// <summary>What games and operators get: JSON. The one place that writes token replies and errors.</summary>
internal sealed class JsonReply : IResult
{
    private readonly int _status;
    private readonly Action<Utf8JsonWriter> _write;
    private readonly TimeSpan? _retryAfter;

    private JsonReply(int status, Action<Utf8JsonWriter> write, TimeSpan? retryAfter = null) =>
        (_status, _write, _retryAfter) = (status, write, retryAfter);

    /// <summary>An error (RFC 6749 §5.2).</summary>
    public static JsonReply Failure(OAuthError error) => new(
        error.Status,
        json =>
        {
            json.WriteString("error", error.Error);
            json.WriteString("error_description", error.Description);
        },
        error.Status == StatusCodes.Status503ServiceUnavailable ? TimeSpan.FromSeconds(5) : null);

    /// <summary>
    /// Tokens (RFC 6749 §5.1); <c>expires_in</c> counts from this reply, absent members are left out. The access token goes by the name
    /// that the route's games read: <c>oauth_token</c> in the seed.
    /// </summary>
    public static JsonReply Token(string accessTokenName, TokenReply token, DateTimeOffset now) => new(StatusCodes.Status200OK, json =>
    {
        json.WriteString(accessTokenName, token.AccessToken);
        WriteIfAny(json, "token_type", token.TokenType);
        if (token.ExpiresAt is { } expiry)
            json.WriteNumber("expires_in", Math.Max(0, (long)(expiry - now).TotalSeconds));
        WriteIfAny(json, "refresh_token", token.RefreshToken);
        WriteIfAny(json, "scope", token.Scope);
        if (token.Extra is null)
            return;
        json.WritePropertyName("extra");
        JsonSerializer.Serialize(json, token.Extra, JsonText.Default.IReadOnlyDictionaryStringJsonElement);
    });

    /// <summary>Anything else.</summary>
    public static JsonReply Status(int status, Action<Utf8JsonWriter> write) => new(status, write);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        SecurityHeaders.Write(response, SecurityHeaders.NothingAllowed);
        response.StatusCode = _status;
        response.ContentType = "application/json";
        if (_retryAfter is { } delay)
            response.Headers.RetryAfter = ((int)delay.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture);

        await using var json = new Utf8JsonWriter(response.BodyWriter);
        json.WriteStartObject();
        _write(json);
        json.WriteEndObject();
        await json.FlushAsync();
        await response.BodyWriter.FlushAsync();
    }

    private static void WriteIfAny(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
            json.WriteString(name, value);
    }
}
