using Microsoft.AspNetCore.WebUtilities;

namespace TokenBroker.OAuth;

/// <summary>
/// Reads every provider's token reply: JSON or form-encoded whatever its content type says, numbers as strings, scopes as arrays,
/// errors under status 200 and under several names.
/// </summary>
internal static class TokenReplyParser
{
    private static readonly string[] Codes =
    [
        "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope",
        "server_error",
    ];

    /// <summary>
    /// Others that are worth telling an operator: RFC 7009 §2.2.1, and what Google and GitHub call a redirect URI that is not registered
    /// (https://developers.google.com/identity/protocols/oauth2/web-server#redirecturimismatch).
    /// </summary>
    private static readonly string[] MoreCodes = ["unsupported_token_type", "redirect_uri_mismatch"];

    private static readonly JsonElement Nothing = JsonDocument.Parse("null").RootElement;

    /// <summary>Reads a reply that arrived at <paramref name="now"/>, from which its lifetime counts.</summary>
    public static Result<TokenReply, ProviderFailure> Parse(HttpStatusCode status, byte[] body, Provider provider, DateTimeOffset now) =>
        NullIfUnreadable(() => Members(body) is { } members ? Read(status, members, provider, now) : null) ??
            Unreadable((int)status);

    /// <summary>
    /// The code of an error reply (RFC 6749 §5.2); null when it has none, or one that neither the RFCs nor the provider's entry know.
    /// </summary>
    public static string? ErrorCode(byte[] body, Provider provider)
    {
        var code = NullIfUnreadable(() => Members(body) is { } members ? Text(Unwrap(members, provider), "error") : null);
        var isKnown = code is not null && (Codes.Contains(code) || MoreCodes.Contains(code) || provider.Errors.ContainsKey(code));
        return isKnown ? code : null;
    }

    /// <summary>What a reply without a token is that says nothing we know: below 500 the provider has not failed by itself.</summary>
    private static ProviderFailure Unreadable(int status) =>
        status >= 500 ? ProviderFailure.Trouble : ProviderFailure.RefusedRequest;

    private static T? NullIfUnreadable<T>(Func<T?> read) where T : class
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Invalid Unicode is noticed only when the text is read.
            return null;
        }
    }

    private static Result<TokenReply, ProviderFailure> Read(
        HttpStatusCode status, Dictionary<string, JsonElement> wrapped, Provider provider, DateTimeOffset now)
    {
        var members = Unwrap(wrapped, provider);
        var isSuccess = (int)status is >= 200 and < 300;
        return isSuccess && Text(members, provider.AccessTokenMember) is { } accessToken
            ? Reply(accessToken, members, provider, now)
            : Failure(status, members, provider);
    }

    private static Dictionary<string, JsonElement> Unwrap(Dictionary<string, JsonElement> members, Provider provider)
    {
        if (provider.ReplyMember is not { } wrapper || !members.TryGetValue(wrapper, out var inner) ||
            inner.ValueKind != JsonValueKind.Object)
            return members;
        return MembersOf(inner);
    }

    private static TokenReply Reply(string accessToken, Dictionary<string, JsonElement> members, Provider provider, DateTimeOffset now)
    {
        string[] known = [provider.AccessTokenMember, "token_type", "expires_in", "refresh_token", "scope", "id_token"];
        var extra = members.Where(member => !known.Contains(member.Key) && member.Value.ValueKind != JsonValueKind.Null)
            .ToDictionary(member => member.Key, member => Checked(member.Value));
        return new(
            accessToken,
            Text(members, "token_type"),
            Seconds(members.GetValueOrDefault("expires_in", Nothing)) is { } seconds ? now.AddSeconds(seconds) : null,
            Text(members, "refresh_token"),
            Scope(members.GetValueOrDefault("scope", Nothing)),
            extra.Count > 0 ? extra : null)
        {
            ProviderIdToken = Text(members, "id_token"),
        };
    }

    /// <summary>
    /// A refusal. Where the provider names no code of RFC 6749 §5.2, and none that its entry translates, the status decides, or the
    /// status that LifeScope and Twitch put into the body: https://lifescope-labs.gitbook.io/lifescope/,
    /// https://dev.twitch.tv/docs/authentication/refresh-tokens/
    /// </summary>
    private static ProviderFailure Failure(HttpStatusCode status, Dictionary<string, JsonElement> members, Provider provider)
    {
        var code = (int)status >= 400
            ? (int)status
            : Number(members, "code") ?? Number(members, "status") ?? Number(members, "error") ?? 0;
        return (StandardCode(members, provider), code) switch
        {
            // A server in trouble is not believed about the grant: the game would throw away a good refresh token.
            (_, >= 500) => ProviderFailure.Trouble,
            ("invalid_client" or "unauthorized_client", _) or (null, 401 or 403) => ProviderFailure.RefusedClient,
            ("invalid_grant", _) => ProviderFailure.RefusedGrant,
            (null, 400 or 404) => ProviderFailure.RefusedGrantOrClient,
            _ => Unreadable(code),
        };
    }

    /// <summary>
    /// The error code of RFC 6749 §5.2, translated where the provider has codes of its own; null when the reply has neither.
    /// </summary>
    private static string? StandardCode(Dictionary<string, JsonElement> members, Provider provider)
    {
        if (Text(members, "error") is not { } code)
            return null;
        return provider.Errors.GetValueOrDefault(code) ?? (Codes.Contains(code) ? code : null);
    }

    // Writing reads every string: what cannot be written to the game, or nests too deep to be stored, fails here.
    private static JsonElement Checked(JsonElement value)
    {
        using var json = new Utf8JsonWriter(Stream.Null, new() { MaxDepth = 32 });
        value.WriteTo(json);
        return value;
    }

    private static int? Number(Dictionary<string, JsonElement> members, string name) =>
        members.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number)
            ? number
            : null;

    private static Dictionary<string, JsonElement>? Members(ReadOnlySpan<byte> body)
    {
        if (body.StartsWith(Encoding.UTF8.Preamble))
            body = body[Encoding.UTF8.Preamble.Length..];
        try
        {
            var reader = new Utf8JsonReader(body);
            var json = JsonElement.ParseValue(ref reader);
            return json.ValueKind == JsonValueKind.Object ? MembersOf(json) : null;
        }
        catch (JsonException)
        {
            return Form(body);
        }
    }

    private static Dictionary<string, JsonElement> MembersOf(JsonElement json)
    {
        var members = new Dictionary<string, JsonElement>();
        foreach (var member in json.EnumerateObject())
            members[member.Name] = member.Value;
        return members;
    }

    // GitHub and older Facebook servers answer so: https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps
    private static Dictionary<string, JsonElement>? Form(ReadOnlySpan<byte> body)
    {
        var text = Encoding.UTF8.GetString(body).Trim();
        if (text.Length == 0 || text[0] is '<' or '{' or '[' || !text.Contains('=', StringComparison.Ordinal))
            return null;
        // Of a repeated member the last one counts, as in JSON: joined by commas they would be a token that the provider never sent.
        return QueryHelpers.ParseQuery(text).ToDictionary(
            pair => pair.Key, pair => JsonSerializer.SerializeToElement(pair.Value[^1] ?? "", JsonText.Default.String));
    }

    private static string? Text(Dictionary<string, JsonElement> members, string name) =>
        members.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text
            ? text
            : null;

    // LifeScope documents a string; JSON numbers may have a fraction. More than a century is a mistake, and DateTimeOffset would
    // overflow.
    private static double? Seconds(JsonElement value)
    {
        var seconds = value.ValueKind switch
        {
            JsonValueKind.Number when value.TryGetDouble(out var number) => number,
            JsonValueKind.String when double.TryParse(
                value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
            _ => double.NaN,
        };
        return seconds is >= 0 and < 3_153_600_000 ? seconds : null;
    }

    /// <summary>Scopes as RFC 6749 §3.3 writes them, from a string, an array (Twitch), or an array inside a string (Webroot).</summary>
    private static string? Scope(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Array)
            return Join(value);
        if (value.ValueKind != JsonValueKind.String || value.GetString() is not { Length: > 0 } text)
            return null;
        if (text[0] != '[')
            return text.Contains(' ', StringComparison.Ordinal) ? text : text.Replace(',', ' ');
        try
        {
            using var json = JsonDocument.Parse(text);
            return Join(json.RootElement);
        }
        catch (JsonException)
        {
            return text;
        }

        static string? Join(JsonElement array)
        {
            var scopes = array.EnumerateArray().Where(scope => scope.ValueKind == JsonValueKind.String)
                .Select(scope => scope.GetString());
            return array.GetArrayLength() == 0 ? null : string.Join(' ', scopes);
        }
    }
}
