using Microsoft.Extensions.DependencyInjection;
using TokenBroker.Apps;
using TokenBroker.Local.Dev;
using TokenBroker.Web;

namespace TokenBroker.Local;

/// <summary>What a local run says once it listens: at most eight lines, and a picture for phones.</summary>
internal static class Banner
{
    public static void Write(IServiceProvider services, LocalSetup setup, TextWriter output)
    {
        var (apps, options) = (services.GetRequiredService<AppCatalog>(), services.GetRequiredService<BrokerOptions>());
        var link = FirstLink(apps, options);
        var emulated = setup.Emulators.Count == 0 ? "no emulated providers" : $"{setup.Emulators.Count} emulated providers";
        var own = setup.OwnApps.Count == 0
            ? "none yet; to add one: dotnet user-secrets --project Local set Apps:mygame:Provider discord (then :ClientId, :ClientSecret)"
            : string.Join(", ", setup.OwnApps.Select(each => $"{each.App} from {each.Source}"));
        var advice = apps.Registrations.Select(registration => RedirectAdvice.For(registration, options.PublicUrl)).OfType<string>();
        output.WriteLine($"TokenBroker  {options.Issuer}, with {emulated}; {setup.Kept}");
        output.WriteLine($"Console      {ConsoleUrl(options, setup)}");
        output.WriteLine($"Your apps    {own}");
        foreach (var line in advice.Take(1))
            output.WriteLine($"Attention    {line}");
        output.WriteLine($"Play         dotnet run --project samples/ConsoleGame {options.Issuer}");
        output.WriteLine($"Open {link}");
        output.WriteLine("Press Ctrl-C to stop.");
        if (setup.IsOnLan)
            output.Write(TerminalQr.Draw(link));
    }

    public static string ConsoleUrl(BrokerOptions options, LocalSetup setup)
    {
        if (setup.ConsolePort is { } port)
            return $"http://127.0.0.1:{port}/dev";
        return setup.IsOnLan ? $"http://localhost:{options.PublicUrl.Port}/dev" : options.Url("dev");
    }

    /// <summary>Where to begin: the choice among providers, or the default app.</summary>
    private static string FirstLink(AppCatalog apps, BrokerOptions options)
    {
        var app = apps.Default ?? apps.All.First();
        var scopes = app.OnlyRegistration is { Scopes.Count: > 0 } only ? $"&scopes={Uri.EscapeDataString(only.Scopes[0])}" : "";
        return options.Url($"{Paths.CreateSession}?app={app.Name}{scopes}");
    }
}
