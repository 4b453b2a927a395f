using System.Text.Json;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Build;

public sealed class BuildTests
{
    [Theory]
    [InlineData("-p:StandIns=false", true, true)]
    [InlineData("-p:StandInTables=false", false, true)]
    [InlineData("-p:StandInWorker=false", true, false)]
    [InlineData("-p:StandIns=true", false, false)]
    public async Task Without_a_stand_in_the_project_refers_to_exactly_the_real_packages(string property, bool worker, bool tables)
    {
        var (exitCode, output) = await Repository.RunAsync("dotnet", "msbuild", "Functions/Functions.csproj", "-getItem:PackageReference,ProjectReference", property);
        Assert.True(exitCode == 0, output);
        var items = JsonDocument.Parse(output).RootElement.GetProperty("Items");

        string[] expected =
        [
            "Azure.Identity", "Azure.Security.KeyVault.Secrets", "QRCoder",
            .. tables ? (string[])["Azure.Data.Tables"] : [],
            .. worker ? (string[])
            [
                "Microsoft.Azure.Functions.Worker", "Microsoft.Azure.Functions.Worker.Extensions.Http.AspNetCore",
                "Microsoft.Azure.Functions.Worker.Extensions.Timer", "Microsoft.Azure.Functions.Worker.Sdk",
            ] : [],
        ];
        Assert.Equal(expected.Order(), Names(items, "PackageReference"));
        string[] standIns = [.. worker ? (string[])[] : ["Functions.Worker.csproj"], .. tables ? (string[])[] : ["Data.Tables.csproj"]];
        Assert.Equal(standIns.Order(), Names(items, "ProjectReference"));
    }

    [Theory]
    [InlineData("-p:StandIns=false", "false")]
    [InlineData("-p:StandInTables=false", "false")]
    [InlineData("-p:StandIns=true", "true")]
    public async Task Lock_files_and_strictness_are_those_of_the_default_build(string property, string expected)
    {
        var (_, output) = await Repository.RunAsync(
            "dotnet", "msbuild", "Functions/Functions.csproj", "-getProperty:RestorePackagesWithLockFile,TreatWarningsAsErrors", property);
        var properties = JsonDocument.Parse(output).RootElement.GetProperty("Properties");
        Assert.Equal((expected, expected), (properties.GetProperty("RestorePackagesWithLockFile").GetString(), properties.GetProperty("TreatWarningsAsErrors").GetString()));
    }

    [Theory]
    [InlineData("Functions/Functions.csproj", "-p:StandIns=false")]
    [InlineData("Functions.Tests/Functions.Tests.csproj", "-p:StandInTables=false")]
    public async Task With_real_packages_NuGet_finds_no_lock_file_which_it_would_refuse(string project, string property)
    {
        var (_, path) = await Repository.RunAsync("dotnet", "msbuild", project, "-getProperty:NuGetLockFilePath", property);
        Assert.Equal(Repository.File("artifacts", "no-lock-file.json"), path.Trim());
        Assert.False(File.Exists(path.Trim()));
    }

    [Fact]
    public void The_real_packages_have_the_versions_that_were_agreed()
    {
        var versions = System.Xml.Linq.XDocument.Load(Repository.File("Directory.Packages.props")).Descendants("PackageVersion")
            .ToDictionary(package => package.Attribute("Include")!.Value, package => package.Attribute("Version")!.Value);
        Assert.Equal("2.51.0", versions["Microsoft.Azure.Functions.Worker"]);
        Assert.Equal("2.0.7", versions["Microsoft.Azure.Functions.Worker.Sdk"]);
        Assert.Equal("2.1.0", versions["Microsoft.Azure.Functions.Worker.Extensions.Http.AspNetCore"]);
        Assert.Equal("4.3.1", versions["Microsoft.Azure.Functions.Worker.Extensions.Timer"]);
        Assert.Equal("12.11.0", versions["Azure.Data.Tables"]);
    }

    [Fact]
    public async Task Publishing_with_a_stand_in_fails_and_says_what_to_do()
    {
        var output = Directory.CreateTempSubdirectory();
        // Another configuration than the tests', whose files are in use.
        var (exitCode, text) = await Repository.RunAsync(
            "dotnet", "publish", "Functions", "--configuration", "PublishTest", "--output", output.FullName, "-nodeReuse:false");
        output.Delete(recursive: true);
        Assert.NotEqual(0, exitCode);
        Assert.Contains("error TB0001: A stand-in must not be published", text, StringComparison.Ordinal);
        Assert.Contains("dotnet publish Functions -p:StandIns=false", text, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Names(JsonElement items, string kind) => items.GetProperty(kind).EnumerateArray()
        .Select(item => Path.GetFileName(item.GetProperty("Identity").GetString()!.Replace('\\', '/'))).Order();
}
