using System.Text.RegularExpressions;
using Microsoft.Azure.Functions.Worker.Hosting;

namespace TokenBroker.Tests.Infrastructure;

internal static partial class Routes
{
    /// <summary>The path that a function answers, without the parameters of its route, none of which has to be there.</summary>
    public static string PathOf(HttpFunction function) => Parameter().Replace(function.Route, "");

    [GeneratedRegex(@"/?\{[^}]+\}")]
    private static partial Regex Parameter();
}
