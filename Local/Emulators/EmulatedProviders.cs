namespace TokenBroker.Local.Emulators;

/// <summary>The emulated providers, the first of which is the default, and the demo games that are registered at them.</summary>
internal static class EmulatedProviders
{
    /// <summary>The demo game whose players choose among providers.</summary>
    public const string Arcade = "arcade";

    private static readonly string[] OfArcade = ["lifescope", "aura", "wishtack"];

    /// <summary>The five of the seed documents.</summary>
    public static IReadOnlyList<EmulatedProvider> OfSeeds() =>
        [new EmulatedLifeScope(), new EmulatedAura(), new EmulatedWebroot(), new EmulatedTachi(), new EmulatedWishtack()];

    /// <summary>Those, and some that know who a player is in ways of their own.</summary>
    public static IReadOnlyList<EmulatedProvider> All() =>
        [.. OfSeeds(), new EmulatedOpenId(), new EmulatedRiot(), new EmulatedApple(), new EmulatedSteam()];

    /// <summary>The broker's settings for the demo games: one at each provider, of its name, and the arcade.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> Settings(IReadOnlyList<EmulatedProvider> emulators)
    {
        var ofArcade = emulators.Where(emulator => OfArcade.Contains(emulator.Name));
        return
        [
            .. emulators.SelectMany(emulator => emulator.Settings()),
            .. ofArcade.SelectMany(each => each.InNetwork($"Apps:{Arcade}:Providers:{each.Name}")),
            .. ofArcade.SelectMany(each => each.Registration($"Apps:{Arcade}:Providers:{each.Name}", each.ArcadeClientId)),
            new($"Apps:{Arcade}:DisplayName", "arcade demo game"),
            .. emulators.Select(emulator => emulator.Name).Append(Arcade).SelectMany(RedirectUris),
        ];
    }

    private static IEnumerable<KeyValuePair<string, string?>> RedirectUris(string app) =>
    [
        new($"Apps:{app}:RedirectUris:0", "http://127.0.0.1/callback"),
        new($"Apps:{app}:RedirectUris:1", "http://[::1]/callback"),
        new($"Apps:{app}:RedirectUris:2", $"com.example.{app}:/callback"),
    ];
}
