namespace TokenBroker.SignIns;

/// <summary>What the browser is told about its sign-in, and what is needed to begin it again.</summary>
/// <param name="Outcome">How far it has come.</param>
/// <param name="Request">What the game asked for.</param>
/// <param name="IsForDevice">Whether a device waits for the tokens, which only its game can begin again.</param>
internal sealed record SignInView(SignInOutcome Outcome, SignInRequest Request, bool IsForDevice)
{
    public static SignInView Of(Session session, SignInRequest request, SignInOutcome outcome) =>
        new(outcome, request, session.IsForDevice);
}

/// <summary>How far a sign-in has come, as its browser is told.</summary>
internal enum SignInOutcome
{
    /// <summary>The player is still to finish at the provider.</summary>
    NotFinished,

    /// <summary>This request has completed the sign-in.</summary>
    Completed,

    /// <summary>Another request completes it, or has ended it.</summary>
    AnotherRequestHasIt,

    /// <summary>
    /// The provider's code was sent in less than 45 seconds ago, and there is no code entry: it is being exchanged, as far as is known.
    /// </summary>
    Finishing,

    /// <summary>The access code waits to be typed into the game.</summary>
    AccessCodeWaits,

    /// <summary>The authorization code waits to be brought back to the game.</summary>
    AuthorizationCodeWaits,

    /// <summary>The tokens wait for the device, or the game has them.</summary>
    GameSignedIn,

    /// <summary>The player, or the provider for them, declined.</summary>
    Declined,

    /// <summary>The provider failed, or refused.</summary>
    ProviderTrouble,

    /// <summary>The provider cannot be discovered at the moment. The sign-in waits.</summary>
    NotDiscovered,

    /// <summary>The provider did not answer in time.</summary>
    ProviderTimeout,

    /// <summary>The client's address has sent too many codes that the provider refused. The sign-in waits.</summary>
    TooManyFailures,

    /// <summary>The five minutes are over.</summary>
    Expired,

    /// <summary>The access code was redeemed at this instance within the last five minutes; the same page shows it again.</summary>
    AccessCodeRedeemed,

    /// <summary>The access code was redeemed elsewhere, or the process that completed the sign-in died.</summary>
    Over,

    /// <summary>The state or issuer belongs to another sign-in.</summary>
    WrongState,

    /// <summary>The provider's answer has neither a code nor an error.</summary>
    NoCode,
}
