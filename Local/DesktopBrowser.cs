using System.ComponentModel;
using System.Diagnostics;

namespace TokenBroker.Local;

/// <summary>Opens a page where somebody sits in front of a display.</summary>
internal static class DesktopBrowser
{
    /// <summary>Opens it, or does nothing: over SSH, in CI, without a display. Never fails.</summary>
    public static bool TryOpen(string url)
    {
        if (!HasDisplay(Environment.GetEnvironmentVariable))
            return false;
        try
        {
            using var opened = OperatingSystem.IsWindows() ? Process.Start(new ProcessStartInfo(url) { UseShellExecute = true })
                : Process.Start(OperatingSystem.IsMacOS() ? "open" : "xdg-open", [url]);
            return opened is not null;
        }
        catch (Exception exception) when (exception is Win32Exception or InvalidOperationException or PlatformNotSupportedException)
        {
            return false;
        }
    }

    internal static bool HasDisplay(Func<string, string?> variable)
    {
        bool IsSet(string name) => !string.IsNullOrEmpty(variable(name));
        if (IsSet("SSH_CONNECTION") || IsSet("CI"))
            return false;
        return !OperatingSystem.IsLinux() || IsSet("DISPLAY") || IsSet("WAYLAND_DISPLAY");
    }
}
