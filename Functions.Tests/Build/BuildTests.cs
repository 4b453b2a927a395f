using System.Text.Json;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Build;

/// <summary>One build: what is tested, locked and formatted is what is published.</summary>
public sealed class BuildTests
{
    [Theory]
    [InlineData("Functions/Functions.csproj", "Debug")]
    [InlineData("Functions/Functions.csproj", "Release")]
    [InlineData("Local/Local.csproj", "Debug")]
    [InlineData("Functions.Tests/Functions.Tests.csproj", "Debug")]
    public async Task Every_build_is_strict_and_locked(string project, string configuration)
    {
        var (_, output) = await Repository.RunAsync(
            "dotnet", "msbuild", project, $"-p:Configuration={configuration}",
            "-getProperty:RestorePackagesWithLockFile,TreatWarningsAsErrors,EnforceCodeStyleInBuild,NuGetAudit,NuGetAuditMode");
        var properties = JsonDocument.Parse(output).RootElement.GetProperty("Properties").EnumerateObject();
        Assert.Equal(["true", "true", "true", "true", "all"], properties.Select(property => property.Value.GetString()));
    }

    [Fact]
    public async Task Restore_is_locked_where_CI_is_true()
    {
        var (_, locked) = await Repository.RunAsync(
            "dotnet", "msbuild", "Functions/Functions.csproj", "-getProperty:RestoreLockedMode", "-p:CI=true");
        Assert.Equal("true", locked.Trim());
    }
}
