namespace TokenBroker.Web;

/// <summary>
/// Sends the player back to the game (RFC 6749 §4.1.2): parameters are added to the query of the redirect URI, with <c>state</c> as the
/// game gave it and <c>iss</c> (RFC 9207 §2).
/// </summary>
internal static class BackToGame
{
    /// <summary>With the authorization code.</summary>
    public static IResult WithCode(BrokerOptions options, App app, string redirectUri, string? state, string code) =>
        Reply(app, redirectUri, Address(options, redirectUri, state, ("code", code)), error: null);

    /// <summary>With an error (RFC 6749 §4.1.2.1).</summary>
    public static IResult WithError(BrokerOptions options, App app, string redirectUri, string? state, OAuthError error) => Reply(
        app, redirectUri, Address(options, redirectUri, state, ("error", error.Error), ("error_description", error.Description)), error);

    private static IResult Reply(App app, string redirectUri, string address, OAuthError? error)
    {
        if (RedirectUris.IsPrivateUse(redirectUri))
            return BrokerPages.BackToGame(app, address, error);
        return EmptyReply.SeeOther(
            address, error is null ? null : new(error.Error, StatusCodes.Status303SeeOther, app.Name, error.Description));
    }

    private static string Address(
        BrokerOptions options, string redirectUri, string? state, params ReadOnlySpan<(string Name, string Value)> answer)
    {
        var address = new StringBuilder(redirectUri);
        foreach (var (name, value) in answer)
            Add(name, value);
        if (state is not null)
            Add("state", state);
        Add("iss", options.Issuer);
        return address.ToString();

        void Add(string name, string value)
        {
            var separator = address.Length == redirectUri.Length && !redirectUri.Contains('?', StringComparison.Ordinal) ? '?' : '&';
            address.Append(separator).Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }
    }
}
