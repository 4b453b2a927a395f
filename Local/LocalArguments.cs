namespace TokenBroker.Local;

/// <summary>What a local run is told on its command line, beside configuration such as <c>--urls=…</c>.</summary>
/// <param name="Check">Whether to try each app and stop (<c>check</c>).</param>
/// <param name="Open">Whether to open the console in a browser, where there is a display (<c>--open</c>).</param>
/// <param name="Lan">The address for other machines of the network (<c>--lan=ADDRESS</c>); empty to find it; null for this machine.</param>
/// <param name="Public">The address of a tunnel that leads here (<c>--public https://…</c>); null for none.</param>
/// <param name="WithEmulators">Whether there are emulated providers (not with <c>--no-emulators</c>).</param>
/// <param name="Configuration">All the rest.</param>
internal sealed record LocalArguments(
    bool Check, bool Open, string? Lan, string? Public, bool WithEmulators, IReadOnlyList<string> Configuration)
{
    /// <exception cref="ConfigurationException">An argument lacks its value.</exception>
    public static LocalArguments Parse(IReadOnlyList<string> args)
    {
        var parsed = new LocalArguments(Check: false, Open: false, Lan: null, Public: null, WithEmulators: true, []);
        var rest = new List<string>();
        for (var index = 0; index < args.Count; index++)
        {
            var (name, value) = args[index].Split('=', 2) is [var before, var after] ? (before, after) : (args[index], null);
            switch (name)
            {
                case "check":
                    parsed = parsed with { Check = true };
                    break;
                case "--open":
                    parsed = parsed with { Open = true };
                    break;
                case "--no-emulators":
                    parsed = parsed with { WithEmulators = false };
                    break;
                case "--lan":
                    parsed = parsed with { Lan = value ?? "" };
                    break;
                case "--public":
                    parsed = parsed with { Public = value ?? (index + 1 < args.Count ? args[++index] : throw NoAddress()) };
                    break;
                default:
                    rest.Add(args[index]);
                    break;
            }
        }
        return parsed with { Configuration = rest };
    }

    private static ConfigurationException NoAddress() =>
        new("--public", "lacks the address of the tunnel, such as https://name.tunnel.example.com.");
}
