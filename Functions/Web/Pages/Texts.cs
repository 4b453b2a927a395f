namespace TokenBroker.Web.Pages;

/// <summary>What the pages say, in one language: the members of <c>Languages/{tag}.json</c>, where {0} and {1} stand for names.</summary>
internal sealed record Texts
{
    public required string StartAgain { get; init; }

    public required string ClosePage { get; init; }

    public required string SignedIn { get; init; }

    public required string TypeCode { get; init; }

    public required string WorksOnce { get; init; }

    public required string ShowNobody { get; init; }

    public required string TimeLeft { get; init; }

    public required string Copy { get; init; }

    public required string Copied { get; init; }

    public required string CodeOver { get; init; }

    public required string NewCode { get; init; }

    public required string OneMoment { get; init; }

    public required string Finishing { get; init; }

    public required string SignInOver { get; init; }

    public required string SignInOverText { get; init; }

    public required string NotYet { get; init; }

    public required string NotYetText { get; init; }

    public required string SaidNo { get; init; }

    public required string SaidNoText { get; init; }

    public required string TooLong { get; init; }

    public required string TooLongText { get; init; }

    public required string Forgot { get; init; }

    public required string ForgotText { get; init; }

    public required string OtherSignIn { get; init; }

    public required string OtherSignInText { get; init; }

    public required string BadLink { get; init; }

    public required string BadLinkText { get; init; }

    public required string ProviderTrouble { get; init; }

    public required string ProviderTroubleText { get; init; }

    public required string TooManySignIns { get; init; }

    public required string TooManySignInsText { get; init; }

    public required string TooManyCodes { get; init; }

    public required string TooManyCodesText { get; init; }

    public required string Unavailable { get; init; }

    public required string UnavailableText { get; init; }

    public required string Broken { get; init; }

    public required string BrokenText { get; init; }

    public required string EnterTitle { get; init; }

    public required string EnterText { get; init; }

    public required string EnterWrong { get; init; }

    public required string Code { get; init; }

    public required string Continue { get; init; }

    public required string ConfirmTitle { get; init; }

    public required string ConfirmText { get; init; }

    public required string ConfirmScopes { get; init; }

    public required string ConfirmCode { get; init; }

    public required string ConfirmWarning { get; init; }

    public required string Accept { get; init; }

    public required string Decline { get; init; }

    public required string DeviceDeclined { get; init; }

    public required string DeviceSignedIn { get; init; }

    public required string LandingTitle { get; init; }

    public required string LandingText { get; init; }

    public required string LandingDevice { get; init; }
}

[JsonSourceGenerationOptions(UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(Texts))]
internal sealed partial class TextsJson : JsonSerializerContext;
