using System.Text.RegularExpressions;
using TokenBroker.Endpoints;
using TokenBroker.Local;

namespace TokenBroker.Tests.Infrastructure;

internal static partial class Routes
{
    /// <summary>The broker's functions that HTTP triggers, but for the one of all other paths.</summary>
    public static IReadOnlyList<HttpFunction> All { get; } =
        [.. InProcessHost.HttpFunctions(typeof(CreateSession).Assembly).Where(function => function.Name != nameof(WrongPath))];

    /// <summary>The path that a function answers, without the parameters of its route, none of which has to be there.</summary>
    public static string PathOf(HttpFunction function) => Parameter().Replace(function.Route, "");

    [GeneratedRegex(@"/?\{[^}]+\}")]
    private static partial Regex Parameter();
}
