namespace TokenBroker.Web;

/// <summary>
/// The link that begins a sign-in again: built from its session while there is one, and afterwards from a cookie that outlives it. The
/// cookie is sealed, so that it says what this broker wrote and nothing else, and on https no neighbouring host can plant one.
/// </summary>
public sealed class StartAgain(BrokerOptions options, ISecrets secrets, AppCatalog apps, TimeProvider time)
{
    private const string Purpose = "start again";
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    /// <summary>
    /// The most that the cookie holds: browsers keep 4,096 bytes (RFC 6265bis §5.7). A sign-in with a longer <c>state</c> is not offered
    /// again.
    /// </summary>
    private const int MaxLength = 3800;

    /// <summary>Keeps what a sign-in began with, in place of an earlier one.</summary>
    internal async Task RememberAsync(HttpRequest request, SignInRequest signIn)
    {
        var now = time.GetUtcNow();
        var content = new RememberedSignIn(
            signIn.App.Name, signIn.Registration.Name, signIn.Scopes, signIn.CodeChallenge, signIn.DpopKey, signIn.Nonce,
                signIn.RedirectUri,
            signIn.State, signIn.Prompt, now + Lifetime);
        var keys = await secrets.ProtectionKeysAsync(request.HttpContext.RequestAborted);
        var json = JsonSerializer.Serialize(content, RememberedSignInJson.Default.RememberedSignIn);
        var value = SealedText.SealForBrowser(json, Purpose, keys.Current(now));
        if (value.Length > MaxLength)
            Forget(request, options);
        else
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
        var query = signIn.RedirectUri is { } redirectUri
            ? QueryString.Create("response_type", "code").Add("client_id", signIn.App.Name).Add("redirect_uri", redirectUri)
            : QueryString.Create("app", signIn.App.Name);
        Add("provider", signIn.Registration.IsOneOfSeveral ? signIn.Registration.Name : null);
        var (scopeName, separator) = signIn.RedirectUri is null ? ("scopes", ',') : ("scope", ' ');
        Add(scopeName, signIn.Scopes.Count > 0 ? string.Join(separator, signIn.Scopes) : null);
        Add("code_challenge", signIn.CodeChallenge);
        Add("code_challenge_method", signIn.CodeChallenge is null ? null : Pkce.Method);
        Add("state", signIn.State);
        Add("nonce", signIn.Nonce);
        Add("dpop_jkt", signIn.DpopKey);
        Add("prompt", signIn.Prompt);
        Add("login_hint", signIn.LoginHint);
        Add(Language.Parameter, Language.Chosen(request)?.Tag);
        return options.Path(signIn.RedirectUri is null ? Paths.CreateSession : Paths.Authorize) + query;

        void Add(string name, string? value)
        {
            if (value is not null)
                query = query.Add(name, value);
        }
    }

    /// <summary>The link by which this browser began last; null when it has begun nothing within the hour.</summary>
    internal async Task<RememberedLink?> RememberedAsync(HttpRequest request)
    {
        if (BrowserCookie.Read(request, CookieName(options)) is not { Length: > 0 } cookie)
            return null;
        var keys = await secrets.ProtectionKeysAsync(request.HttpContext.RequestAborted);
        var json = SealedText.OpenFromBrowser(cookie, Purpose, keys);
        var content = json is null ? null : JsonSerializer.Deserialize(json, RememberedSignInJson.Default.RememberedSignIn);
        if (content is null || time.GetUtcNow() >= content.Until || apps.Find(content.App) is not { } app)
            return null;
        if (app.Find(content.Provider) is not { } registration)
            return null;
        var link = Link(request, new SignInRequest(app, registration, content.Scopes)
        {
            CodeChallenge = content.CodeChallenge,
            DpopKey = content.DpopKey,
            Nonce = content.Nonce,
            RedirectUri = content.RedirectUri,
            State = content.State,
            Prompt = content.Prompt,
        });
        return new(app, link);
    }

    private static string CookieName(BrokerOptions options) => options.IsHttps ? "__Host-start_again" : "start_again";
}

/// <summary>A link that begins a sign-in again.</summary>
/// <param name="App">The game.</param>
/// <param name="Address">The path and query.</param>
internal sealed record RememberedLink(App App, string Address);

/// <summary>What the cookie holds.</summary>
internal sealed record RememberedSignIn(
    string App, string? Provider, IReadOnlyList<string> Scopes, string? CodeChallenge, string? DpopKey, string? Nonce, string? RedirectUri,
    string? State, string? Prompt, DateTimeOffset Until)
{
    /// <summary>Shows nothing of what the game wants back.</summary>
    public override string ToString() => nameof(RememberedSignIn);
}

[JsonSerializable(typeof(RememberedSignIn))]
internal sealed partial class RememberedSignInJson : JsonSerializerContext;
