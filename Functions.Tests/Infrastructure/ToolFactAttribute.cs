using System.Diagnostics;

namespace TokenBroker.Tests.Infrastructure;

/// <summary>A test that needs a tool of the system: skipped where it is missing, and failing there when <c>CI=true</c>.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ToolFactAttribute : FactAttribute
{
    public ToolFactAttribute(string command, params string[] arguments) => Skip = Missing(command, arguments);

    internal static string? Missing(string command, string[] arguments)
    {
        if (Environment.GetEnvironmentVariable("CI") == "true")
            return null;
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0 ? null : $"'{command} {string.Join(' ', arguments)}' fails here; the README says what to install.";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return $"'{command}' is not installed here; the README says what to install.";
        }
    }
}

/// <summary>The same for a test with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ToolTheoryAttribute : TheoryAttribute
{
    public ToolTheoryAttribute(string command, params string[] arguments) => Skip = ToolFactAttribute.Missing(command, arguments);
}
