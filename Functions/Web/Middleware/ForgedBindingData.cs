namespace TokenBroker.Web.Middleware;

/// <summary>
/// Finds requests that would decide what the Functions host tells the worker of the caller's headers, so that the rest can be believed.
/// The host fills the binding data from members of a JSON body, whatever its content type, and from the query, and adds its own
/// <c>Headers</c> and <c>Query</c> only where the name is still free. No request of ours has such a parameter, or a body that is no form.
/// </summary>
internal static class ForgedBindingData
{
    /// <summary>Why to refuse the request; null for one that forges nothing.</summary>
    /// <param name="request">A request whose body <see cref="RequestBody"/> has read; it stays unconsumed.</param>
    public static OAuthError? Find(HttpRequest request)
    {
        var namesBindingData = request.Query.Keys.Any(name =>
            name.Equals("headers", StringComparison.OrdinalIgnoreCase) || name.Equals("query", StringComparison.OrdinalIgnoreCase));
        if (namesBindingData)
            return OAuthError.ForgedBindingData;
        return BodyMayBeForm(request) ? null : OAuthError.NoForm;
    }

    private static bool BodyMayBeForm(HttpRequest request)
    {
        if (!request.BodyReader.TryRead(out var read))
            return true;
        var mayBeForm = read.Buffer.IsEmpty || MayBeginForm(read.Buffer.FirstSpan[0]);
        request.BodyReader.AdvanceTo(read.Buffer.Start);
        return mayBeForm;
    }

    // Listed is what may begin a form, not what may begin JSON: blanks and byte-order marks may stand before that.
    private static bool MayBeginForm(byte first) => char.IsAsciiLetterOrDigit((char)first) || "_-.~%+&"u8.Contains(first);
}
