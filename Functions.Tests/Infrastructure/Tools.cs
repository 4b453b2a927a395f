using System.Reflection;

namespace TokenBroker.Tests.Infrastructure;

/// <summary>Programs that some tests run, and that <c>./test</c> installs where it may.</summary>
internal static class Tools
{
    /// <summary>The Bicep compiler, which comes with the packages of this project.</summary>
    public static string Bicep { get; } = typeof(Tools).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "Bicep").Value!;

    /// <summary>Chromium, or its relative.</summary>
    public static string? Chromium { get; } = Find("chromium") ?? Find("google-chrome") ?? Find("chromium-browser");

    /// <summary>The fixed-width fonts of players' machines: Windows and Chromebooks, Linux, Android, and phones in East Asia.</summary>
    public static readonly string[] Fonts = ["Liberation Mono", "DejaVu Sans Mono", "Noto Sans Mono", "Noto Sans Mono CJK JP"];

    private static readonly Lazy<HashSet<string>> Families = new(() =>
        [.. (Find("fc-list") is null ? "" : Repository.RunAsync("fc-list", ":", "family").GetAwaiter().GetResult().Output)
            .Split('\n', ',').Select(family => family.Trim())]);

    /// <summary>A Python that has Microsoft's authentication library.</summary>
    public static string? PythonWithMsal { get; } = All("python3").FirstOrDefault(python => Runs(python, "-c", "import msal, requests"));

    /// <summary>
    /// Why a test must be skipped; null where all its tools are here. With <c>CI=true</c> nothing is skipped: the test fails.
    /// </summary>
    public static string? Missing(params ReadOnlySpan<string> tools)
    {
        if (Environment.GetEnvironmentVariable("CI") == "true")
            return null;
        foreach (var tool in tools)
        {
            if (!IsHere(tool))
                return $"{tool} is missing; ./test installs it where it may, and says how where not.";
        }
        return null;
    }

    private static bool IsHere(string tool) => tool switch
    {
        "chromium" => Chromium is not null,
        "msal" => PythonWithMsal is not null,
        "fonts" => Fonts.All(Families.Value.Contains),
        _ => Find(tool) is not null,
    };

    private static string? Find(string tool) => All(tool).FirstOrDefault();

    private static IEnumerable<string> All(string tool) =>
        Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Select(folder => Path.Combine(folder, tool))
            .Where(File.Exists);

    private static bool Runs(string command, params string[] arguments) =>
        Repository.RunAsync(command, arguments).GetAwaiter().GetResult().ExitCode == 0;
}

/// <summary>A test that needs tools of the system.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ToolFactAttribute : FactAttribute
{
    public ToolFactAttribute(params string[] tools) => Skip = Tools.Missing(tools);
}

/// <summary>The same for a test with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ToolTheoryAttribute : TheoryAttribute
{
    public ToolTheoryAttribute(params string[] tools) => Skip = Tools.Missing(tools);
}
