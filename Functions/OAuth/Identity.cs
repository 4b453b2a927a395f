namespace TokenBroker.OAuth;

/// <summary>Who a player is, as the provider tells it.</summary>
/// <param name="Subject">The id that the player keeps: 1 to 255 printable ASCII characters.</param>
/// <param name="Name">The name, if any.</param>
/// <param name="Picture">The address of the picture, if any.</param>
/// <param name="Email">The e-mail address, if any.</param>
/// <param name="EmailVerified">Whether the provider says that it has verified that address.</param>
public sealed record Identity(string Subject, string? Name = null, string? Picture = null, string? Email = null, bool EmailVerified = false)
{
    /// <summary>The longest subject (OpenID Connect Core 1.0 §2).</summary>
    public const int MaxSubjectLength = 255;

    private const int MaxTextLength = 1024;

    /// <summary>Reads what a provider tells.</summary>
    /// <param name="json">What it tells.</param>
    /// <param name="mapping">Where it tells what.</param>
    /// <returns>The identity; null when nobody is named, or in a way that could be taken for another's.</returns>
    public static Identity? From(JsonElement json, IdentityMapping mapping)
    {
        if (Text(json, mapping.Subject) is not { } subject || !IsSubject(subject))
            return null;
        var email = Short(Text(json, mapping.Email));
        var picture = Short(Text(json, mapping.Picture));
        var isPicture = Uri.TryCreate(picture, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps;
        return new(
            subject, Short(Text(json, mapping.Name)), isPicture ? picture : null, email,
            email is not null && IsTrue(json, mapping.EmailVerified));
    }

    /// <summary>Whether a text can be a subject, to the letter: what is not is refused and never cut or changed.</summary>
    public static bool IsSubject(string subject) =>
        subject.Length is > 0 and <= MaxSubjectLength && !subject.AsSpan().ContainsAnyExceptInRange('!', '~');

    /// <summary>Shows nothing of the player.</summary>
    /// <returns>A fixed word.</returns>
    public override string ToString() => nameof(Identity);

    /// <summary>What stands at a place: see <see cref="IdentityMapping"/>.</summary>
    private static string? Text(JsonElement json, string? place)
    {
        if (place is null)
            return null;
        if (!place.Contains('{', StringComparison.Ordinal))
            return place.Split('|').Select(path => At(json, path)).FirstOrDefault(text => text is not null);
        var text = new StringBuilder();
        foreach (var (index, part) in place.Split('{', '}').Index())
        {
            var isPath = index % 2 == 1;
            if ((isPath ? At(json, part) : part) is not { } piece)
                return null;
            text.Append(piece);
        }
        return text.ToString();
    }

    /// <summary>Some providers write it as a text.</summary>
    private static bool IsTrue(JsonElement json, string? path) =>
        path is not null && (Text(json, path) == "true" ||
            (json.ValueKind == JsonValueKind.Object && json.TryGetProperty(path, out var value) && value.ValueKind == JsonValueKind.True));

    private static string? At(JsonElement json, string path)
    {
        foreach (var step in path.Split('.'))
        {
            if (json.ValueKind == JsonValueKind.Array)
            {
                if (!int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index) || index >= json.GetArrayLength())
                    return null;
                json = json[index];
            }
            else if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty(step, out json))
            {
                return null;
            }
        }
        return json.ValueKind switch
        {
            JsonValueKind.String => json.GetString() is { Length: > 0 } text ? text : null,
            // 1, 1.0 and 1e0 are one number and three texts: only whole numbers, as they are usually written, name anything.
            JsonValueKind.Number => json.TryGetInt64(out var number) && $"{number}" == json.GetRawText() ? $"{number}" : null,
            _ => null,
        };
    }

    private static string? Short(string? text) => text?.Length <= MaxTextLength ? text : null;
}
