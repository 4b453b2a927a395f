namespace TokenBroker.Local.Emulators;

/// <summary>The emulated providers, the first of which is the default.</summary>
internal static class EmulatedProviders
{
    public static IReadOnlyList<EmulatedProvider> All() =>
        [new EmulatedLifeScope(), new EmulatedAura(), new EmulatedWebroot(), new EmulatedTachi(), new EmulatedWishtack()];
}
