namespace TokenBroker.Web.Pages;

/// <summary>
/// What the pages say, in one language: the members of <c>Languages/{tag}.json</c>, where {0} and {1} stand for names. <c>Began</c> goes
/// by minutes.
/// </summary>
internal sealed record Texts(
    string StartAgain, string ClosePage, string SignedIn, string TypeCode, string WorksOnce, string ShowNobody, string TimeLeft,
    string Copy, string Copied, string CodeOver, string NewCode, string OneMoment, string Finishing, string SignInOver,
    string SignInOverText, string NotYet, string NotYetText, string SaidNo, string SaidNoText, string TooLong, string TooLongText,
    string Forgot, string ForgotText, string OtherSignIn, string OtherSignInText, string BadLink, string BadLinkText,
    string ProviderTrouble, string ProviderTroubleText, string TooManySignIns, string TooManySignInsText, string TooManyCodes,
    string TooManyCodesText, string Unavailable, string UnavailableText, string Broken, string BrokenText, string EnterTitle,
    string EnterText, string EnterWrong, string Code, string Continue, string ConfirmTitle, string ConfirmText, string ConfirmScopes,
    IReadOnlyList<string> Began, string ConfirmCode, string PickCode, string PickWrong, string ConfirmWarning, string Accept,
    string Decline, string DeviceDeclined, string DeviceSignedIn,
    string ConfirmTextAny, string ChooseTitle, string ChooseText, string ChooseWith,
    string ChosenLast, string BackToGame, string BackToGameText,
    string LandingTitle, string LandingText, string LandingDevice);

[JsonSourceGenerationOptions(UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Texts))]
internal sealed partial class TextsJson : JsonSerializerContext;
