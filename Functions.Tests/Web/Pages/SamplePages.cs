using Microsoft.Extensions.Configuration;
using TokenBroker.Apps;
using TokenBroker.Crypto;
using TokenBroker.Providers;
using TokenBroker.SignIns;
using TokenBroker.Tests.Infrastructure;
using TokenBroker.Web;
using TokenBroker.Web.Pages;

namespace TokenBroker.Tests.Web.Pages;

/// <summary>Every page there is, with names that are hard to set.</summary>
internal static class SamplePages
{
    public const string Logo =
        "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='120' height='60'%3E%3Cellipse cx='60' cy='30' rx='55' " +
        "ry='14' fill='none' stroke='%235fd3a1' stroke-width='4'/%3E%3Ccircle cx='60' cy='30' r='22' fill='%230a7d4f'/%3E%3C/svg%3E";

    private static readonly Provider Aura = ProviderCatalog.Embedded().Find("aura")!;

    public static App App { get; } = NewApp("Ünïcode & <Sons>: The Very Long Name of a Game", []);

    /// <summary>A game that sets nothing but its name.</summary>
    public static App Plain { get; } = NewApp("Asteroid Post", []);

    public static App Branded { get; } =
        NewApp("Asteroid Post", new()
        {
            ["Apps:lifescope:Logo"] = Logo,
            ["Apps:lifescope:AccentColor"] = "#0a7d4f",
            ["Apps:lifescope:AccentColorDark"] = "#5fd3a1",
            ["Apps:lifescope:HomeUrl"] = "https://asteroid-post.example.com/",
            ["Apps:lifescope:PrivacyUrl"] = "https://asteroid-post.example.com/privacy",
            ["Apps:lifescope:TermsUrl"] = "https://asteroid-post.example.com/terms",
            ["Apps:lifescope:SupportUrl"] = "https://asteroid-post.example.com/support",
        });

    public static IReadOnlyDictionary<string, Page> All(App app)
    {
        var code = Codes.New();
        var userCode = UserCode.New();
        var choices = userCode.AmongDecoys(ProtectionKey.New());
        var formToken = new string('0', 64);
        var wait = TimeSpan.FromSeconds(245);
        const string again = "/create-session?app=lifescope&scopes=basic";
        return new Dictionary<string, Page>
        {
            ["Landing"] = BrokerPages.Landing(),
            ["AccessCode"] = BrokerPages.AccessCode(app, code, wait, (again, again + "&prompt=select_account")),
            ["ChooseProvider"] = BrokerPages.ChooseProvider(
                app, [(app.OnlyRegistration!, again), (app.OnlyRegistration! with { Provider = Aura }, again)], "aura"),
            ["BackToGame"] = BrokerPages.BackToGame(app, "com.example.game:/callback?code=x&state=y", error: null),
            ["BackToGame, declined"] = BrokerPages.BackToGame(app, "com.example.game:/callback?error=access_denied",
                OAuthError.AccessDenied),
            ["EnterUserCode"] = DevicePages.EnterUserCode("/device", formToken, isWrong: false),
            ["EnterUserCode, wrong"] = DevicePages.EnterUserCode("/device", formToken, isWrong: true),
            ["ConfirmDevice"] = ConfirmDevice(new(formToken, [userCode], SealedLink: null, HasPickedWrong: false)),
            ["ConfirmDevice, by link"] = ConfirmDevice(new(formToken, choices, "sealed", HasPickedWrong: false)),
            ["ConfirmDevice, wrong pick"] = ConfirmDevice(new(formToken, choices, "sealed", HasPickedWrong: true)),
            ["ConfirmDevice, any provider"] = DevicePages.ConfirmDevice(
                app, only: null, TimeSpan.Zero, new(formToken, [userCode], SealedLink: null, HasPickedWrong: false), "/device",
                    provider: null),
            ["DeviceDeclined"] = DevicePages.DeviceDeclined(app),
            ["GameSignedIn"] = BrokerPages.GameSignedIn(app),
            ["Finishing"] = BrokerPages.Finishing(app),
            ["Over"] = BrokerPages.Over(app, again),
            ["NotFinished"] = BrokerPages.NotFinished(app, again),
            ["Declined"] = BrokerPages.Declined(app.OnlyRegistration!, again, app),
            ["Expired"] = BrokerPages.Expired(app, again),
            ["CookiesOff"] = BrokerPages.CookiesOff(),
            ["WrongState"] = BrokerPages.WrongState(app, again),
            ["NotFound"] = BrokerPages.NotFound(),
            ["BadLink"] = BrokerPages.BadLink("The parameter 'scopes' is missing. Allowed scopes: basic, contacts:read, content:read."),
            ["ProviderTrouble"] = BrokerPages.ProviderTrouble(app.OnlyRegistration!, again, app),
            ["TooManySignIns"] = BrokerPages.TooManySignIns(wait),
            ["TooManyCodes"] = DevicePages.TooManyCodes(wait),
            ["Unavailable"] = BrokerPages.Unavailable(),
            ["Broken"] = BrokerPages.Broken(),
        };

        Page ConfirmDevice(DeviceQuestion question) => DevicePages.ConfirmDevice(
            app, new(app.OnlyRegistration!, ["basic", "events:read"]), TimeSpan.FromMinutes(2), question, "/device",
                new("https://provider.example.com/auth"));
    }

    public static string Html(Page page, Language language)
    {
        return string.Concat(PageTemplate.Html(page.App is null ? page with { App = Branded } : page, language, new string('a', 32)));
    }

    private static App NewApp(string displayName, Dictionary<string, string?> settings)
    {
        settings["Apps:lifescope:ClientId"] = "id";
        settings["Apps:lifescope:DisplayName"] = displayName;
        return AppCatalog.From(new ConfigurationBuilder().AddInMemoryCollection(settings).Build(),
            ProviderCatalog.Embedded()).All.Single();
    }
}
