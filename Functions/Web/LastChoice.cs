namespace TokenBroker.Web;

/// <summary>The provider that the player of this browser chose last for a game, so that the page can mark it.</summary>
internal static class LastChoice
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(180);

    /// <summary>The name of the registration; null when none was chosen. Anybody may have set it: it decides nothing.</summary>
    public static string? Of(HttpRequest request, App app) => BrowserCookie.Read(request, CookieName(app.Name));

    /// <summary>Remembers a choice, where there is one to make.</summary>
    public static void Remember(HttpRequest request, BrokerOptions options, Registration registration)
    {
        if (registration.IsOneOfSeveral)
            BrowserCookie.Set(request.HttpContext.Response, options, CookieName(registration.AppName), registration.Name, Lifetime);
    }

    private static string CookieName(string app) => $"provider_{app}";
}
