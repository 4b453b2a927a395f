using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Build;

/// <summary>No dependency comes in unnoticed: each is written down with its reason.</summary>
public sealed class DependencyTests
{
    private static readonly string Document = File.ReadAllText(Repository.File("docs", "dependencies.md"));

    [Fact]
    public void Every_package_of_the_app_is_written_down_with_its_reason()
    {
        var referred = XDocument.Load(Repository.File("Functions", "Functions.csproj")).Descendants("PackageReference")
            .Select(package => package.Attribute("Include")!.Value);
        var reasons = Regex.Matches(Document, @"^\| `([^`]+)` \| (\S.*) \|$", RegexOptions.Multiline).Select(row => row.Groups[1].Value);
        Assert.Equal(referred.Order(), reasons.Order());
    }

    [Fact]
    public void Every_package_that_those_bring_is_written_down()
    {
        using var locked = JsonDocument.Parse(File.ReadAllText(Repository.File("Functions", "packages.lock.json")));
        var brought = locked.RootElement.GetProperty("dependencies").GetProperty("net10.0").EnumerateObject()
            .Where(package => package.Value.GetProperty("type").GetString() is "Transitive" or "CentralTransitive")
                .Select(package => package.Name);
        var listed = Regex.Matches(Document, @"^- `([^`]+)`$", RegexOptions.Multiline).Select(row => row.Groups[1].Value);
        Assert.Equal(brought.Order(), listed.Order());
    }

    [Fact]
    public void Npm_installs_what_is_locked_and_runs_no_script_of_a_package()
    {
        Assert.Contains("ignore-scripts=true", File.ReadAllText(Repository.File(".npmrc")), StringComparison.Ordinal);
        Assert.Contains("npm ci --ignore-scripts", File.ReadAllText(Repository.File("Functions.Tests", "Functions.Tests.csproj")),
            StringComparison.Ordinal);
        Assert.DoesNotContain("\"resolved\"", File.ReadAllText(Repository.File("package-lock.json")), StringComparison.Ordinal);
    }
}
