using System.IO.Compression;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using TokenBroker.Client;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Client;

/// <summary>What games get: the NuGet package, the Unity package, and the API.</summary>
public sealed class PackageTests
{
    private static readonly string Folder = Repository.File("Client");

    [Fact]
    public async Task The_NuGet_package_holds_the_library_its_documentation_and_nothing_else()
    {
        var output = Directory.CreateTempSubdirectory();
        var (exitCode, log) = await Repository.RunAsync(
            "dotnet", "pack", "Client/TokenBroker.Client.csproj", "--no-restore", "--configuration", "Release", "--output",
                output.FullName);
        Assert.True(exitCode == 0, log);
        Assert.Equal(
            ["README.md", "TokenBroker.Client.nuspec", "icon.png", "lib/netstandard2.0/TokenBroker.Client.dll",
                "lib/netstandard2.0/TokenBroker.Client.xml"],
            Names("*.nupkg").Order(StringComparer.Ordinal));
        Assert.Contains("lib/netstandard2.0/TokenBroker.Client.pdb", Names("*.snupkg"));
        using var package = ZipFile.OpenRead(output.GetFiles("*.nupkg").Single().FullName);
        using var reader = new StreamReader(package.GetEntry("TokenBroker.Client.nuspec")!.Open());
        var nuspec = await reader.ReadToEndAsync();
        Assert.Contains("<license type=\"expression\">MIT</license>", nuspec, StringComparison.Ordinal);
        Assert.Contains("id=\"Newtonsoft.Json\"",
            Assert.Single(Regex.Matches(nuspec, "<dependency .*>").Select(match => match.Value), dependency =>
                !dependency.Contains("NETStandard", StringComparison.Ordinal)), StringComparison.Ordinal);
        output.Delete(recursive: true);

        IEnumerable<string> Names(string pattern)
        {
            using var archive = ZipFile.OpenRead(output.GetFiles(pattern).Single().FullName);
            return [.. archive.Entries.Select(entry => entry.FullName)
                .Where(name => !name.StartsWith("_rels", StringComparison.Ordinal) &&
                    !name.StartsWith("package/", StringComparison.Ordinal) && name != "[Content_Types].xml")];
        }
    }

    [Fact]
    public void The_Unity_package_is_complete_and_every_file_has_its_own_identity()
    {
        using var manifest = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "package.json")));
        Assert.Equal("com.tokenbroker.client", manifest.RootElement.GetProperty("name").GetString());
        Assert.Equal("com.unity.nuget.newtonsoft-json",
            Assert.Single(manifest.RootElement.GetProperty("dependencies").EnumerateObject()).Name);
        foreach (var sample in manifest.RootElement.GetProperty("samples").EnumerateArray())
            Assert.NotEmpty(Directory.GetFiles(Path.Combine(Folder, sample.GetProperty("path").GetString()!), "*.cs"));
        using var assembly = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "Runtime", "TokenBroker.Client.asmdef")));
        Assert.Equal("TokenBroker.Client", assembly.RootElement.GetProperty("name").GetString());

        string[] entries = [.. Directory.EnumerateFileSystemEntries(Folder, "*", SearchOption.AllDirectories)
            .Where(entry => !Regex.IsMatch(entry, @"[/\\](bin|obj|\w*~)([/\\]|$)") &&
                !entry.EndsWith(".meta", StringComparison.Ordinal))];
        Assert.All(entries, entry => Assert.True(File.Exists($"{entry}.meta"), $"{entry} has no .meta file."));
        var identities = entries.Select(entry => Regex.Match(File.ReadAllText($"{entry}.meta"), "guid: ([0-9a-f]{32})").Groups[1].Value)
            .ToList();
        Assert.Equal(identities.Count, identities.Where(identity => identity.Length == 32).Distinct().Count());
        Assert.Equal(entries.Length, Directory.EnumerateFiles(Folder, "*.meta", SearchOption.AllDirectories)
            .Count(file => !Regex.IsMatch(file, @"[/\\](bin|obj)[/\\]")));
    }

    /// <summary>Compiled as a WebGL build would, by UnityCompileCheck; here it is seen that this happened.</summary>
    [Fact]
    public void The_Unity_folder_and_its_samples_compile_against_Unity_s_types()
    {
        var compiled = Assembly.LoadFrom(
            Repository.File("Functions.Tests", "Client", "UnityCompileCheck", "bin", Repository.Configuration, "netstandard2.0",
                "UnityCompileCheck.dll"));
        var names = compiled.GetTypes().Select(type => type.FullName).ToList();
        foreach (var expected in new[] { "TokenBroker.Client.UnityPlatform", "TokenBroker.Client.PlayerPrefsTokenStore",
            "TokenBroker.Client.TokenBrokerClient", "AccessCodeSample", "DeviceFlowSample" })
            Assert.Contains(expected, names);
    }

    [Fact]
    public void Nothing_is_emitted_or_found_by_reflection()
    {
        var source = string.Join('\n', Directory.EnumerateFiles(Path.Combine(Folder, "Runtime"), "*.cs").Select(File.ReadAllText));
        foreach (var forbidden in new[] { "System.Reflection", "dynamic ", "Expression<", "JsonConvert", "ToObject<", "FromObject",
            "Activator", "GetType()" })
            Assert.DoesNotContain(forbidden, source, StringComparison.Ordinal);
    }

    /// <summary>Games depend on it: a change here is a change for them.</summary>
    [Fact]
    public void The_public_API_is_the_one_that_was_written_down()
    {
        var api = string.Join('\n', typeof(TokenBrokerClient).Assembly.GetExportedTypes()
            .OrderBy(type => type.Name, StringComparer.Ordinal)
            .SelectMany(Describe)) + "\n";
        Assert.Equal(File.ReadAllText(Repository.File("Functions.Tests", "Client", "PublicApi.txt")), api);
    }

    private static IEnumerable<string> Describe(Type type)
    {
        var kind = type.IsEnum ? "enum" : type.IsInterface ? "interface" : "class";
        yield return $"{kind} {type.Name}{(type.BaseType == typeof(Exception) ? " : Exception" : "")}";
        const BindingFlags declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        var members = type.IsEnum
            ? (IEnumerable<string>)type.GetEnumNames()
            : type.GetConstructors(declared).Select(constructor => $"new({Parameters(constructor)})")
                .Concat(type.GetMethods(declared).Where(method => !method.IsSpecialName)
                    .Select(method => $"{Name(method.ReturnType)} {method.Name}({Parameters(method)})"))
                .Concat(type.GetProperties(declared).Select(property => $"{Name(property.PropertyType)} {property.Name}"))
                .Concat(type.GetFields(declared).Select(field => $"{Name(field.FieldType)} {field.Name}"))
                .Order(StringComparer.Ordinal);
        foreach (var member in members)
            yield return $"  {member}";
    }

    private static string Parameters(MethodBase method) =>
        string.Join(", ", method.GetParameters()
            .Select(parameter => $"{Name(parameter.ParameterType)} {parameter.Name}{(parameter.IsOptional ? "?" : "")}"));

    private static string Name(Type type) =>
        type.IsGenericType ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>" : type.Name;
}
