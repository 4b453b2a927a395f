namespace TokenBroker.Web.Pages;

/// <summary>The pictures that say what a page or a button is about; each is a drawing of 24 × 24 in the colour of its text.</summary>
internal enum Icon
{
    /// <summary>None.</summary>
    None,

    /// <summary>A check mark: it went well, or accept.</summary>
    Check,

    /// <summary>A cross: declined, or decline.</summary>
    Cross,

    /// <summary>An exclamation mark: something is wrong, or a warning.</summary>
    Warning,

    /// <summary>A clock: time is over, or has to pass.</summary>
    Clock,
}

/// <summary>How the pictures are drawn.</summary>
internal static class Icons
{
    /// <summary>The picture as HTML. Nobody needs it who cannot see it: the text beside it says the same.</summary>
    public static string Svg(this Icon icon) => icon == Icon.None
        ? ""
        : $"<svg viewBox=\"0 0 24 24\" aria-hidden=\"true\" focusable=\"false\"><path d=\"{Path(icon)}\"/></svg>";

    private static string Path(Icon icon) => icon switch
    {
        Icon.Check => "M5 12.5l4.5 4.5L19 7.5",
        Icon.Cross => "M6.5 6.5l11 11m0-11l-11 11",
        Icon.Warning => "M12 4v10m0 5v.1",
        Icon.Clock => "M12 5v7l4.5 3",
        _ => throw new UnreachableException(),
    };
}
