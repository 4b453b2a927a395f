namespace TokenBroker.Web;

/// <summary>
/// The name that Apple has the browser post once, in a form that nobody has signed
/// (https://developer.apple.com/documentation/signinwithapple/authenticating-users-with-sign-in-with-apple). It travels sealed and bound to
/// the answer it came with: so what stands in the address bar tells nothing, and fits no other sign-in.
/// </summary>
internal static class PostedName
{
    private const int MaxLength = 200;
    private static readonly string[] Parts = ["firstName", "lastName"];

    /// <summary>Seals the name of a posted <c>user</c>; null when there is none.</summary>
    public static string? Seal(string? user, string? state, ProtectionKey key) =>
        state is not null && Read(user) is { } name ? SealedText.SealForBrowser(name, Purpose(state), key) : null;

    /// <summary>Opens it; null when it belongs to another answer.</summary>
    public static string? Open(string? text, string? state, KeyRing keys) =>
        state is null ? null : SealedText.OpenFromBrowser(text, Purpose(state), keys);

    private static string Purpose(string state) => $"posted name {state}";

    private static string? Read(string? user)
    {
        if (user is null)
            return null;
        try
        {
            using var json = JsonDocument.Parse(user);
            var name = json.RootElement.GetProperty("name");
            var parts = Parts.Select(part => name.TryGetProperty(part,
                out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null);
            var whole = string.Join(' ', parts.Where(part => !string.IsNullOrWhiteSpace(part)));
            return whole.Length is > 0 and <= MaxLength ? whole : null;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null; // It is for show only: a sign-in does not fail for it.
        }
    }
}
