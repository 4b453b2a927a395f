namespace TokenBroker.Web;

/// <summary>
/// The link that begins a sign-in again: built from its session while there is one, and afterwards from a cookie that outlives it. The
/// cookie is sealed, so that it says what this broker wrote and nothing else, and on https no neighbouring host can plant one.
/// </summary>
public sealed class StartAgain(BrokerOptions options, ISecrets secrets, AppCatalog apps, TimeProvider time)
{
    private const string Purpose = "start again";
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    /// <summary>Keeps what a sign-in began with, in place of an earlier one.</summary>
    internal async Task RememberAsync(HttpRequest request, SignInRequest signIn)
    {
        var now = time.GetUtcNow();
        var content = new RememberedSignIn(signIn.App.Name, signIn.Scopes, signIn.CodeChallenge, signIn.DpopKey, now + Lifetime);
        var keys = await secrets.ProtectionKeysAsync(request.HttpContext.RequestAborted);
        var json = JsonSerializer.Serialize(content, RememberedSignInJson.Default.RememberedSignIn);
        var value = SealedText.SealForBrowser(json, Purpose, keys.Current(now));
        BrowserCookie.Set(request.HttpContext.Response, options, CookieName(options), value, Lifetime);
    }

    /// <summary>For a sign-in that cannot begin again from here: an earlier one must not be offered in its place.</summary>
    internal static void Forget(HttpRequest request, BrokerOptions options)
    {
        if (BrowserCookie.Read(request, CookieName(options)) is not null)
            BrowserCookie.Set(request.HttpContext.Response, options, CookieName(options), "", TimeSpan.Zero);
    }

    /// <summary>The link that begins a sign-in again; null where a device waits for it: then the game begins.</summary>
    internal string? Link(HttpRequest request, SignInView signIn) => signIn.IsForDevice ? null : Link(request, signIn.Request);

    /// <summary>The link that begins a sign-in with these parameters, in the language of this one.</summary>
    internal string Link(HttpRequest request, SignInRequest signIn)
    {
        var query = QueryString.Create("app", signIn.App.Name);
        if (signIn.Scopes.Count > 0)
            query = query.Add("scopes", string.Join(',', signIn.Scopes));
        if (signIn.CodeChallenge is { } challenge)
            query = query.Add("code_challenge", challenge).Add("code_challenge_method", Pkce.Method);
        if (signIn.DpopKey is { } key)
            query = query.Add("dpop_jkt", key);
        if (Language.Chosen(request) is { } language)
            query = query.Add(Language.Parameter, language.Tag);
        return options.Path(Paths.CreateSession) + query;
    }

    /// <summary>The link by which this browser began last; null when it has begun nothing within the hour.</summary>
    internal async Task<string?> RememberedLinkAsync(HttpRequest request)
    {
        if (BrowserCookie.Read(request, CookieName(options)) is not { Length: > 0 } cookie)
            return null;
        var keys = await secrets.ProtectionKeysAsync(request.HttpContext.RequestAborted);
        var json = SealedText.OpenFromBrowser(cookie, Purpose, keys);
        var content = json is null ? null : JsonSerializer.Deserialize(json, RememberedSignInJson.Default.RememberedSignIn);
        if (content is null || time.GetUtcNow() >= content.Until || apps.Find(content.App) is not { } app)
            return null;
        return Link(request, new SignInRequest(app, content.Scopes, content.CodeChallenge, content.DpopKey));
    }

    private static string CookieName(BrokerOptions options) => options.IsHttps ? "__Host-start_again" : "start_again";
}

/// <summary>What the cookie holds.</summary>
internal sealed record RememberedSignIn(
    string App, IReadOnlyList<string> Scopes, string? CodeChallenge, string? DpopKey, DateTimeOffset Until);

[JsonSerializable(typeof(RememberedSignIn))]
internal sealed partial class RememberedSignInJson : JsonSerializerContext;
