namespace TokenBroker.Web.Pages;

/// <summary>
/// What the pages say, in one language: the members of <c>Languages/{tag}.json</c>, where {0} and {1} stand for names. <c>Began</c> goes
/// by minutes.
/// </summary>
internal sealed record Texts(
    string StartAgain, string ClosePage, string Reference, string Website, string Privacy, string Terms, string Support,
    string SignedIn, string CodeTitle, string Capital, string Small, string Digit, string WorksOnce, string KeepSecret, string TimeLeft,
    string Copy, string Copied, string Selected, string OtherAccount, string CodeOver, string NewCode,
    string Finishing, string FinishingText, string Over, string OverText, string NotFinished, string NotFinishedText,
    string Declined, string DeclinedText, string Expired, string ExpiredText, string CookiesOff, string CookiesOffText,
    string WrongState, string WrongStateText, string BadLink, string BadLinkText, string NotFound, string NotFoundText,
    string ProviderTrouble, string ProviderTroubleText, string TooManySignIns, string TooManySignInsText,
    string TooManyCodes, string TooManyCodesText, string Unavailable, string UnavailableText, string Broken, string BrokenText,
    string EnterTitle, string EnterText, string EnterWrong, string Code, string Continue,
    string ConfirmTitle, string ConfirmText, string ConfirmTextAny, IReadOnlyList<string> Began, string ConfirmScopes,
    string ScopeIdentity, string ScopeProfile, string ScopeEmail, string ScopeFriends, string ScopeLibrary, string ScopeActivity,
    string ScopeLocation, string ScopeOffline,
    string ConfirmCode, string PickCode, string PickWrong, string ConfirmWarning, string Accept, string Decline,
    string DeviceDeclined, string DeviceSignedIn,
    string ChooseTitle, string ChooseText, string ContinueWith, string SignInWith, string SignInThrough,
    string ChosenLast, string BackToGame, string BackToGameText, string LandingTitle, string LandingText)
{
    /// <summary>What a game gets to know or to do with scopes of a kind.</summary>
    public string Of(ScopeKind kind) => kind switch
    {
        ScopeKind.Identity => ScopeIdentity,
        ScopeKind.Profile => ScopeProfile,
        ScopeKind.Email => ScopeEmail,
        ScopeKind.Friends => ScopeFriends,
        ScopeKind.Library => ScopeLibrary,
        ScopeKind.Activity => ScopeActivity,
        ScopeKind.Location => ScopeLocation,
        ScopeKind.Offline => ScopeOffline,
        _ => throw new UnreachableException(),
    };

    /// <summary>What stands on a button that leads to a provider; {0} is its name.</summary>
    public string Of(ButtonLabel label) => label switch
    {
        ButtonLabel.ContinueWith => ContinueWith,
        ButtonLabel.SignInWith => SignInWith,
        ButtonLabel.SignInThrough => SignInThrough,
        _ => throw new UnreachableException(),
    };
}

[JsonSourceGenerationOptions(UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Texts))]
internal sealed partial class TextsJson : JsonSerializerContext;
