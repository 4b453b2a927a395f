using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using TokenBroker.Endpoints;
using TokenBroker.OAuth;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Infra;

/// <summary>What can be checked of the deployment without Azure.</summary>
public sealed partial class InfraTests
{
    /// <summary>Settings that the Functions host, the identity library and Application Insights read.</summary>
    private static readonly string[] PlatformSettings =
    [
        "AzureWebJobsStorage__accountName", "AzureWebJobsStorage__credential", "AzureWebJobsStorage__clientId", "AZURE_CLIENT_ID",
        "AZURE_TOKEN_CREDENTIALS", "AzureWebJobsDisableHomepage", "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT",
        "APPLICATIONINSIGHTS_CONNECTION_STRING",
            "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
    ];

    /// <summary>Settings of the app that only local runs have.</summary>
    private static readonly string[] LocalSettings =
        [
            "SessionStorage", "Broker__ProtectionKey", "Broker__IdTokenSigningKey", "Apps__{app}__ClientSecret",
            "Apps__{app}__ClientKey", $"{OneOfSeveral}ClientSecret", $"{OneOfSeveral}ClientKey",
        ];

    /// <summary>What the keys of a registration begin with where a game has several.</summary>
    private const string OneOfSeveral = "Apps__{app}__Providers__{provider}__";

    private static string FunctionAppModule => File.ReadAllText(Repository.File("infra", "modules", "function-app.bicep"));

    [Fact]
    public void Every_setting_in_Bicep_is_read_by_the_app_or_the_platform_and_the_other_way_round()
    {
        string[] read = [.. ReadByTheApp().Except(LocalSettings)];
        Assert.Equal(read.Union(PlatformSettings).Order(), InBicep().Order());
    }

    [Fact]
    public void The_table_of_settings_names_exactly_the_settings_that_the_app_reads()
    {
        var table = File.ReadAllText(Repository.File("docs", "configuration.md")).Split("\n## ")[0];
        var named = table.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .SelectMany(line => Setting().Matches(line.Split('|')[1]).Select(match => match.Groups[1].Value))
            .Select(name => name.Replace("…", "Apps__{app}", StringComparison.Ordinal))
            .Select(name => Regex.Replace(name, @"__[01]$", ""))
            .Distinct()
            .Except(["Apps__{app}"]).ToList(); // what is left of the second scope
        // One row stands for all keys of a registration.
        Assert.Equal(ReadByTheApp().Where(name => !name.StartsWith(OneOfSeveral,
            StringComparison.Ordinal)).Append($"{OneOfSeveral}Apps__{{app}}").Order(),
            named.Order());
    }

    [Fact]
    public void The_sample_settings_name_only_settings_that_something_reads()
    {
        using var sample = JsonDocument.Parse(File.ReadAllText(Repository.File("local.settings.sample.json")));
        string[] known =
        [
            .. ReadByTheApp(), "FUNCTIONS_WORKER_RUNTIME", "AzureWebJobsStorage", "AzureWebJobsDisableHomepage",
                "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT",
        ];
        foreach (var setting in sample.RootElement.GetProperty("Values").EnumerateObject())
            Assert.Contains(Regex.Replace(setting.Name, "^Apps__[a-z0-9]+__", "Apps__{app}__"), known);
    }

    [Fact]
    public void What_the_queries_look_for_is_what_the_app_logs()
    {
        const BindingFlags all = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;
        var messages = typeof(CreateSession).Assembly.GetTypes().SelectMany(type => type.GetMethods(all))
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>()?.Message).OfType<string>().ToList();
        var queries = string.Join('\n', Directory.EnumerateFiles(Repository.File("infra", "queries")).Select(File.ReadAllText));
        var looked = Regex.Matches(queries, @"Message (?:has|startswith) ""([^""\d]+)""").Select(match => match.Groups[1].Value).ToList();
        Assert.True(looked.Count >= 5);
        // The failure stands where the message has a place for it.
        foreach (var phrase in looked.Except(Enum.GetNames<ProviderFailure>()))
            Assert.Contains(messages, message => message.Contains(phrase, StringComparison.Ordinal));
        var functions = typeof(CreateSession).Assembly.GetTypes().SelectMany(type => type.GetMethods())
            .Select(method => method.GetCustomAttribute<FunctionAttribute>()?.Name).ToHashSet();
        var names = Regex.Matches(queries, @"Name (?:==|startswith) ""(\w+)""").Select(match => match.Groups[1].Value);
        Assert.All(names, name => Assert.Contains(name, functions));
    }

    [Fact]
    public async Task Every_pipeline_file_is_YAML_and_names_files_that_exist()
    {
        const string script = """
            const fs = require('node:fs'), path = require('node:path'), yaml = require('yaml');
            const problems = [];
            const read = file => yaml.parse(fs.readFileSync(file, 'utf8'), { strict: true, uniqueKeys: true });
            const azure = read('azure.yaml');
            if (!fs.existsSync(path.join(azure.infra.path, azure.infra.module + '.bicep'))) problems.push('azure.yaml: infra');
            for (const service of Object.values(azure.services))
              if (!fs.existsSync(service.project)) problems.push('azure.yaml: ' + service.project);
            const pipeline = read('azure-pipelines.yml');
            for (const stage of pipeline.stages) for (const job of stage.jobs) {
              if (!fs.existsSync(job.template)) { problems.push(job.template); continue; }
              const parameters = read(job.template).parameters.map(parameter => parameter.name).sort().join();
              if (parameters !== Object.keys(job.parameters).sort().join()) problems.push(job.template + ': parameters');
            }
            const order = pipeline.stages.map(stage => stage.stage).join();
            if (order !== 'build,what_if,staging,production') problems.push(order);
            // Then restore is locked, and no test is skipped.
            if (pipeline.variables.find(variable => variable.name === 'CI').value !== 'true') problems.push('azure-pipelines.yml: CI');
            if (read('.github/workflows/deploy.yml').env.CI !== 'true') problems.push('deploy.yml: CI');
            for (const workflow of fs.readdirSync('.github/workflows')) {
              for (const job of Object.values(read('.github/workflows/' + workflow).jobs))
                if (job.uses && !fs.existsSync(job.uses)) problems.push(job.uses);
            }
            const folders = ['pipelines', '.github/workflows'];
            const inFolders = folders.flatMap(folder => fs.readdirSync(folder).map(file => folder + '/' + file));
            const every = ['azure.yaml', 'azure-pipelines.yml', ...inFolders];
            for (const file of every) {
              read(file);
              for (const [script] of fs.readFileSync(file, 'utf8').matchAll(/infra\/[\w./-]+\.(sh|bicep)/g))
                if (!fs.existsSync(script)) problems.push(file + ': ' + script);
            }
            if (problems.length) { console.error(problems.join('\n')); process.exit(1); }
            """;
        var (exitCode, output) = await Repository.RunAsync("node", "-e", script);
        Assert.True(exitCode == 0, output);
    }

    [Fact]
    public void Deployments_publish_what_was_tested_to_the_flex_plan()
    {
        Assert.Contains("dotnet publish Functions --configuration Release", File.ReadAllText(Repository.File("pipelines", "build.yml")),
            StringComparison.Ordinal);
        Assert.Contains("isFlexConsumption: true", File.ReadAllText(Repository.File("pipelines", "deploy.yml")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_routes_in_the_smoke_test_exist()
    {
        var routes = typeof(CreateSession).Assembly.GetTypes().SelectMany(type => type.GetMethods())
            .SelectMany(method => method.GetParameters())
            .Select(parameter => parameter.GetCustomAttribute<HttpTriggerAttribute>()?.Route).Where(route => route is not null)
                .ToHashSet();
        var asked = Regex.Matches(File.ReadAllText(Repository.File("infra", "scripts", "smoke-test.sh")), @"\$url/([\w-]+)")
            .Select(match => match.Groups[1].Value).Distinct().ToList();
        Assert.Equal(["create-session", "exchange-code", "health"], asked.Order());
        Assert.All(asked, route => Assert.Contains(route, routes));
    }

    [ToolFact("curl")]
    public async Task The_smoke_test_passes_against_a_running_broker_and_fails_for_another_version()
    {
        await using var broker = await Broker.StartAsync();
        var url = broker.Url.AbsoluteUri.TrimEnd('/');
        var (exitCode, output) = await Repository.RunAsync("sh", "infra/scripts/smoke-test.sh", url);
        Assert.True(exitCode == 0, output);
        using var game = broker.NewGame();
        var version = (await game.GetAsync("/health")).Text("version")!.Split('+')[0];
        (exitCode, output) = await Repository.RunAsync("sh", "infra/scripts/smoke-test.sh", url, version);
        Assert.True(exitCode == 0, output);
        foreach (var another in new[] { version[..^1], "99.0" })
        {
            (exitCode, output) = await Repository.RunAsync("sh", "-c", $"RETRY_SECONDS=0 sh infra/scripts/smoke-test.sh {url} {another}");
            Assert.Equal(1, exitCode);
            Assert.Contains("another version answers", output, StringComparison.Ordinal);
        }
    }

    [ToolFact("curl")]
    public async Task The_smoke_test_waits_for_the_version_that_was_deployed()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var deploying = builder.Build();
        var asked = 0;
        deploying.MapGet("/health", () => Results.Json(new { status = "ready", version = ++asked < 3 ? "0.1.7" : "0.1.8" }));
        deploying.MapGet("/exchange-code", () => Results.Json(new { error = "invalid_grant" }, statusCode: 400));
        deploying.MapGet("/create-session", () => Results.StatusCode(400));
        await deploying.StartAsync();
        var (exitCode, output) = await Repository.RunAsync(
            "sh", "-c", $"RETRY_SECONDS=0 sh infra/scripts/smoke-test.sh {deploying.Urls.Single()} 0.1.8");
        Assert.True(exitCode == 0, output);
        Assert.Equal(3, asked);
    }

    [Fact]
    public async Task Where_no_key_can_be_made_none_goes_into_the_vault()
    {
        var folder = Directory.CreateTempSubdirectory().FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "openssl"), "#!/bin/sh\nexit 1\n");
        await File.WriteAllTextAsync(Path.Combine(folder, "az"), $"#!/bin/sh\ntouch {folder}/asked\n");
        foreach (var script in new[]
        {
            "ensure-protection-key.sh", "rotate-protection-key.sh", "ensure-signing-key.sh", "rotate-signing-key.sh",
        })
        {
            var (exitCode, output) = await Repository.RunAsync(
                "sh", "-c", $"chmod +x {folder}/*; PATH={folder}:$PATH sh infra/scripts/{script} vault");
            Assert.Equal(1, exitCode);
            Assert.Contains("made no key", output, StringComparison.Ordinal);
        }
        Assert.False(File.Exists(Path.Combine(folder, "asked")));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task The_templates_compile_without_a_warning()
    {
        var folder = Directory.CreateTempSubdirectory().FullName;
        var (exitCode, output) = await Repository.RunAsync(
            Tools.Bicep, "build", "infra/main.bicep", "--outfile", Path.Combine(folder, "main.json"));
        Assert.Equal((0, ""), (exitCode, output.Trim()));
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData(
        "param customDomain = 'auth.studio.example.com'\nparam usePrivateNetwork = true\n" +
        "param alertEmail = 'operators@studio.example.com'\nparam alwaysReadyInstances = 1",
        true)]
    public async Task Azure_Resource_Manager_expands_the_templates_into_the_settings_of_each_game(string more, bool all)
    {
        var folder = Directory.CreateTempSubdirectory().FullName;
        await Repository.RunAsync("cp", "-r", "infra", folder);
        var parameters = Path.Combine(folder, "infra", "games.bicepparam");
        await File.WriteAllTextAsync(parameters, $$"""
            using 'main.bicep'
            param environmentName = 'test'
            param location = 'westeurope'
            param allowedOrigins = ['https://play.example.com']
            param frontDoorId = '0f8fad5b-d9cb-469f-a165-70867728950e'
            param apps = [
              { name: 'lifescope', clientId: 'one' }
              { name: 'mygame', provider: 'discord', clientId: 'two', scopes: ['identify', 'email'], requirePkce: true }
              {
                name: 'arcade', redirectUris: ['https://play.example.com/callback'], flows: ['redirect'], ownRedirectUri: true
                providers: {
                  discord: { clientId: 'three' }
                  oidc: { clientId: 'four', issuer: 'https://id.example.com', scopes: ['openid'] }
                }
              }
            ]
            {{more}}
            """);
        var (exitCode, output) = await Repository.RunAsync(Tools.Bicep, "snapshot", parameters, "--mode", "overwrite");
        Assert.True(exitCode == 0, output);
        using var snapshot = JsonDocument.Parse(await File.ReadAllTextAsync(Path.ChangeExtension(parameters, "snapshot.json")));
        var resources = snapshot.RootElement.GetProperty("predictedResources").EnumerateArray().ToList();
        var settings = resources.Single(resource => resource.GetProperty("type").GetString() == "Microsoft.Web/sites/config")
            .GetProperty("properties");
        Assert.Equal("two", settings.GetProperty("Apps__mygame__ClientId").GetString());
        Assert.Equal("email", settings.GetProperty("Apps__mygame__Scopes__1").GetString());
        Assert.Equal("true", settings.GetProperty("Apps__mygame__RequirePkce").GetString());
        Assert.Equal("three", settings.GetProperty("Apps__arcade__Providers__discord__ClientId").GetString());
        Assert.Equal("openid", settings.GetProperty("Apps__arcade__Providers__oidc__Scopes__0").GetString());
        Assert.Equal("https://play.example.com/callback", settings.GetProperty("Apps__arcade__RedirectUris__0").GetString());
        Assert.Equal("redirect", settings.GetProperty("Apps__arcade__Flows__0").GetString());
        Assert.Equal("true", settings.GetProperty("Apps__arcade__OwnRedirectUri").GetString());
        Assert.Equal("https://play.example.com", settings.GetProperty("Broker__AllowedOrigins__0").GetString());
        Assert.Equal("0f8fad5b-d9cb-469f-a165-70867728950e", settings.GetProperty("Broker__FrontDoorId").GetString());
        Assert.False(settings.TryGetProperty("Apps__lifescope__Provider", out _));
        foreach (var optional in new[] { "Microsoft.Web/sites/hostNameBindings", "Microsoft.Web/sites/certificates",
            "Microsoft.Network/privateEndpoints", "Microsoft.Insights/actionGroups" })
            Assert.Equal(all, resources.Any(resource => resource.GetProperty("type").GetString() == optional));
        Directory.Delete(folder, recursive: true);
    }

    [ToolTheory("openssl")]
    [InlineData("ensure-protection-key.sh", "", "secret list,secret set", 0)]
    [InlineData("ensure-protection-key.sh", "token-protection-key", "secret list", 0)]
    [InlineData("ensure-signing-key.sh", "token-protection-key", "secret list,secret set", 0)]
    [InlineData("ensure-signing-key.sh", "id-token-signing-key", "secret list", 0)]
    [InlineData("rotate-signing-key.sh", "id-token-signing-key", "secret set", 0)]
    [InlineData("ensure-protection-key.sh", "other", "secret list,secret set", 0)]
    [InlineData(
        "ensure-protection-key.sh",
        "fail",
        "secret list,secret list,secret list,secret list,secret list,secret list,secret list,secret list,secret list,secret list",
        1)]
    public async Task A_key_is_made_once_and_never_because_the_vault_was_silent(
        string script, string inVault, string calls, int exitCode)
    {
        var (code, log, output) = await WithFakeAzAsync(inVault, script, "vault");
        Assert.Equal((exitCode, calls), (code, string.Join(',', log.Select(call => string.Join(' ', call.Split(' ')[1..3])))));
        Assert.DoesNotContain(log, call => call.Contains("--value", StringComparison.Ordinal));
        Assert.DoesNotMatch("[A-Za-z0-9+/]{43}=", output + string.Join('\n', log));
    }

    [Fact]
    public async Task A_client_secret_reaches_the_vault_through_a_file_and_no_argument()
    {
        var (code, log, output) = await WithFakeAzAsync("", "set-client-secret.sh", "mygame", "vault", "<<<marked-secret");
        Assert.Equal(0, code);
        Assert.Contains("--name mygame-client-secret --file ", Assert.Single(log), StringComparison.Ordinal);
        Assert.Contains("content: marked-secret", output, StringComparison.Ordinal);
        Assert.DoesNotContain("marked-secret", string.Join('\n', log), StringComparison.Ordinal);
        Assert.Equal(2, (await WithFakeAzAsync("", "set-client-secret.sh", "My-Game", "vault")).ExitCode);
    }

    /// <summary>Runs a script with an az that writes down how it is called, and shows the file it is given.</summary>
    private static async Task<(int ExitCode, string[] Log, string Output)> WithFakeAzAsync(
        string inVault, string script, params string[] arguments)
    {
        var folder = Directory.CreateTempSubdirectory().FullName;
        var log = Path.Combine(folder, "log");
        await File.WriteAllTextAsync(log, "");
        await File.WriteAllTextAsync(Path.Combine(folder, "az"), $$"""
            #!/bin/sh
            echo "$*" >> {{log}}
            case "$*" in *list*) [ "{{inVault}}" = fail ] && exit 1; echo "{{inVault}}" ;; esac
            while [ $# -gt 0 ]; do
              [ "$1" = --file ] && [ "$3" = --encoding ] && case "{{script}}" in set-*) echo "content: $(cat "$2")" ;; esac
              shift
            done
            exit 0
            """);
        var input = arguments.FirstOrDefault(argument => argument.StartsWith("<<<", StringComparison.Ordinal))?[3..] ?? "";
        var words = string.Join(' ', arguments.Where(argument => !argument.StartsWith("<<<", StringComparison.Ordinal)));
        var (exitCode, output) = await Repository.RunAsync(
            "sh", "-c",
            $"chmod +x {folder}/az; export PATH={folder}:$PATH RETRY_SECONDS=0; " +
            $"printf '%s\\n' '{input}' | sh infra/scripts/{script} {words}");
        var calls = await File.ReadAllLinesAsync(log);
        Directory.Delete(folder, recursive: true);
        return (exitCode, calls, output);
    }

    [Fact]
    public void The_tables_and_the_roles_are_those_that_the_app_needs()
    {
        var storage = File.ReadAllText(Repository.File("infra", "modules", "storage.bicep"));
        Assert.Contains("var tables = ['sessions', 'codes', 'failures']", storage, StringComparison.Ordinal);
        var all = string.Join('\n', Directory.EnumerateFiles(Repository.File("infra"), "*.bicep", SearchOption.AllDirectories)
            .Select(File.ReadAllText));
        foreach (var role in new[] { "b7e6dc6d-f1e8-4753-8033-0f276bb0955b", "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
            "4633458b-17de-408a-b874-0445c86b69e6", "3913510d-42f4-4e42-8a64-420c390055eb" })
            Assert.Contains(role, all, StringComparison.Ordinal);
        Assert.DoesNotContain("listKeys", all, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_Bicep_parameter_is_described_and_every_module_exists()
    {
        foreach (var file in Directory.EnumerateFiles(Repository.File("infra"), "*.bicep", SearchOption.AllDirectories))
        {
            var lines = File.ReadAllLines(file);
            foreach (var (line, index) in lines.Select((line, index) => (line, index))
                .Where(entry => Regex.IsMatch(entry.line, "^(param|output) ")))
            {
                var decorators = lines.Take(index).Reverse().TakeWhile(above => above.StartsWith('@'));
                Assert.True(decorators.Any(above => above.StartsWith("@description(", StringComparison.Ordinal)), $"{file}: {line}");
            }
            foreach (Match module in Regex.Matches(
                string.Join('\n', lines), @"^(?:module \w+|import .* from) '([^']+)'", RegexOptions.Multiline))
                Assert.True(File.Exists(Path.Combine(Path.GetDirectoryName(file)!, module.Groups[1].Value)), $"{file}: {module.Value}");
            foreach (Match query in Regex.Matches(string.Join('\n', lines), "loadTextContent\\('([^']+)'\\)"))
                Assert.True(File.Exists(Path.Combine(Path.GetDirectoryName(file)!, query.Groups[1].Value)), $"{file}: {query.Value}");
        }
    }

    [Fact]
    public void Every_alert_stands_in_the_operations_manual()
    {
        var manual = File.ReadAllText(Repository.File("docs", "operations.md"));
        var alerts = Regex.Matches(File.ReadAllText(Repository.File("infra", "modules", "alerts.bicep")),
            @"\{ name: '([\w-]+)', severity")
            .Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(5, alerts.Count);
        Assert.All(alerts, alert => Assert.Contains($"| `{alert}` |", manual, StringComparison.Ordinal));
    }

    [Fact]
    public void The_parameters_file_gives_every_parameter_that_has_no_default()
    {
        using var parameters = JsonDocument.Parse(File.ReadAllText(Repository.File("infra", "main.parameters.json")));
        var given = parameters.RootElement.GetProperty("parameters").EnumerateObject().Select(parameter => parameter.Name).ToList();
        var main = File.ReadAllText(Repository.File("infra", "main.bicep"));
        var declared = Regex.Matches(main, @"^param (\w+) [^=\n]+(=)?", RegexOptions.Multiline);
        Assert.All(given, name => Assert.Contains(declared, match => match.Groups[1].Value == name));
        Assert.All(declared.Where(match => !match.Groups[2].Success), match => Assert.Contains(match.Groups[1].Value, given));
        Assert.Contains("${AZURE_ENV_NAME}", parameters.RootElement.GetRawText(), StringComparison.Ordinal);
        Assert.Contains("${AZURE_LOCATION}", parameters.RootElement.GetRawText(), StringComparison.Ordinal);
    }

    /// <summary>The settings that the code asks its configuration for.</summary>
    private static IEnumerable<string> ReadByTheApp()
    {
        static string[] KeysOf(string field) => (string[])typeof(CreateSession).Assembly.GetType("TokenBroker.Apps.AppSettings")!.GetField(
            field, BindingFlags.NonPublic | BindingFlags.Static)!.GetValue(null)!;
        var code = string.Join('\n', Directory.EnumerateFiles(Repository.File("Functions"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
                .Select(File.ReadAllText));
        var sections = Regex.Matches(code, "\"((?:Broker|KeyVault):[A-Za-z]+)\"")
            .Select(match => match.Groups[1].Value.Replace(":", "__", StringComparison.Ordinal)).Distinct();
        return
        [
            .. KeysOf("Keys").Where(key => key != "Providers").Select(key => $"Apps__{{app}}__{key}"),
            .. KeysOf("RegistrationKeys").Select(key => OneOfSeveral + key), .. sections, "SessionStorage",
                "SessionStorage__tableServiceUri",
        ];
    }

    private static IEnumerable<string> InBicep() =>
        Regex.Matches(FunctionAppModule,
            @"'?(Apps__\$\{app\.name\}__\w+?|\$\{prefix\}__\w+?|" +
            @"[A-Za-z]+__\w+|AZURE_\w+|APPLICATIONINSIGHTS_\w+|AzureWebJobsDisableHomepage|FUNCTIONS_\w+)" +
            @"(?:__\$\{index\})?'?:? ?[,:]?(?= |,|')")
        .Select(match => match.Groups[1].Value.Replace("${app.name}", "{app}", StringComparison.Ordinal))
        .SelectMany(name => name.StartsWith("${prefix}__", StringComparison.Ordinal)
            ? new[] { "Apps__{app}__", OneOfSeveral }.Select(prefix => name.Replace("${prefix}__", prefix, StringComparison.Ordinal))
            : [name])
        .Distinct();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Setting();
}
