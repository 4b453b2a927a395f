namespace TokenBroker.Web;

/// <summary>
/// How a player has come to a device's page. Only a form of ours, with its token, shows that they have typed the code; whoever comes in
/// any other way comes by a link, which a stranger may have made, and has to choose the code first.
/// </summary>
internal sealed class DeviceForm
{
    /// <summary>The parameter that carries the linked code, sealed, so that the page does not tell which of its choices is right.</summary>
    public const string LinkField = "link";

    /// <summary>What the form is about in which a code is entered.</summary>
    public const string EntryForm = "enter";

    private const string LinkPurpose = "device link";
    private readonly FormGuard _guard;
    private readonly ProtectionKey _key;
    private readonly UserCode? _given;

    /// <param name="parameters">The request's parameters.</param>
    /// <param name="request">The request that carries them.</param>
    /// <param name="guard">Knows the browser's forms.</param>
    /// <param name="keys">The protection keys.</param>
    /// <param name="now">The present.</param>
    public DeviceForm(Parameters parameters, HttpRequest request, FormGuard guard, KeyRing keys, DateTimeOffset now)
    {
        (_guard, _key) = (guard, keys.Current(now));
        _given = parameters["user_code"] is { } text ? UserCode.TryParse(text) : null;
        var isPost = HttpMethods.IsPost(request.Method);
        var token = isPost && !CrossOrigin.MayBeOwnForm(request, guard.Options) ? null : parameters[FormGuard.Field];
        var linked = SealedText.OpenFromBrowser(parameters[LinkField], LinkPurpose, keys);
        Code = linked is null ? _given : UserCode.TryParse(linked);
        IsTyped = linked is null && Code is not null && (isPost
            ? guard.Accepts(EntryForm, token) || guard.Accepts(TypedForm(Code), token)
            : guard.Accepts(TypedPage(Code), token) && !CrossOrigin.IsLinkFromOtherSite(request));
        IsChoice = !isPost && linked is not null && guard.Accepts(ChoicePage(Code!), token);
        IsGenuine = IsTyped || (linked is not null && guard.Accepts(LinkForm(Code!), token));
    }

    /// <summary>The code that it is about; null when there is none, or it can be none.</summary>
    public UserCode? Code { get; }

    /// <summary>Whether the player has typed the code.</summary>
    public bool IsTyped { get; }

    /// <summary>Whether this browser was shown the page whose link it follows, on which the player chooses a provider.</summary>
    public bool IsChoice { get; }

    /// <summary>Whether this browser was shown the form that it has sent.</summary>
    public bool IsGenuine { get; }

    /// <summary>Whether the player knows the code: they have typed it, or chosen it among others.</summary>
    public bool ShowsCode => IsTyped || (IsGenuine && _given?.Text == Code?.Text);

    /// <summary>The token of the form in which a code is entered.</summary>
    public string NewEntryToken() => _guard.NewToken(EntryForm);

    /// <summary>The question that this player is to be asked.</summary>
    /// <param name="hasPickedWrong">Whether they have just chosen another code, or none.</param>
    public DeviceQuestion Question(bool hasPickedWrong) => IsTyped
        ? new(_guard.NewToken(TypedForm(Code!)), [Code!], SealedLink: null, HasPickedWrong: false)
        : new(
            _guard.NewToken(LinkForm(Code!)), Code!.AmongDecoys(_key), SealedText.SealForBrowser(Code.Text, LinkPurpose, _key),
            hasPickedWrong);

    /// <summary>
    /// The query of the page on which this player, who has accepted, chooses a provider. It does not tell the code, and nobody else can
    /// make it: its token follows from the browser's cookie.
    /// </summary>
    public string ChoiceQuery() => QueryString.Create(LinkField, SealedText.SealForBrowser(Code!.Text, LinkPurpose, _key))
        .Add(FormGuard.Field, _guard.NewToken(ChoicePage(Code))).ToUriComponent();

    /// <summary>
    /// Where a browser goes whose player has typed the code, so that going back and reloading send no form. Nobody else can make this
    /// address: its token follows from the browser's cookie.
    /// </summary>
    public string TypedPageQuery() => QueryString.Create("user_code", Code!.Text)
        .Add(FormGuard.Field, _guard.NewToken(TypedPage(Code))).ToUriComponent();

    private static string TypedPage(UserCode code) => $"typed page {code.Text}";

    private static string ChoicePage(UserCode code) => $"choice {code.Text}";

    private static string TypedForm(UserCode code) => $"typed {code.Text}";

    private static string LinkForm(UserCode code) => $"link {code.Text}";
}

/// <summary>What a player is asked about a device.</summary>
/// <param name="FormToken">The token of the form.</param>
/// <param name="Codes">The code that they have typed, or those to choose from.</param>
/// <param name="SealedLink">The code that the link named, sealed; null when they have typed it.</param>
/// <param name="HasPickedWrong">Whether they have just chosen another code, or none.</param>
internal sealed record DeviceQuestion(string FormToken, IReadOnlyList<UserCode> Codes, string? SealedLink, bool HasPickedWrong);
