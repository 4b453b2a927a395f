using Azure.Core;
using Azure.Data.Tables;
using Azure.Identity;
using Azure.Security.KeyVault.Secrets;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace TokenBroker;

/// <summary>Everything that the broker consists of: the only registration file.</summary>
public static class TokenBrokerServices
{
    /// <summary>How long one try of a storage or vault call may take: a player waits for it.</summary>
    private static readonly TimeSpan NetworkTimeout = TimeSpan.FromSeconds(5);

    private static readonly (string Category, LogLevel Least)[] LoggersOfRequests =
    [
        ("Microsoft.AspNetCore.Hosting", LogLevel.Warning),
        // It logs little but requests, and makes an activity and a log scope for each of them as long as any of its levels is on.
        ("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None),
        ("Microsoft.AspNetCore.HttpLogging", LogLevel.Warning),
        ("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Warning),
    ];

    /// <summary>
    /// Registers the broker. What is registered before stays: Local and tests bring their own store, clock or transport.
    /// </summary>
    /// <typeparam name="TBuilder">The host's builder.</typeparam>
    /// <param name="builder">The host's builder, with the configuration complete.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ConfigurationException">The configuration is wrong; the message names the key.</exception>
    public static TBuilder AddTokenBroker<TBuilder>(this TBuilder builder) where TBuilder : IHostApplicationBuilder
    {
        var configuration = builder.Configuration;
        var services = builder.Services;
        // All that is wrong is told at once; secrets are looked for once it is known whose.
        var problems = new ConfigurationProblems();
        var apps = problems.Try(() => AppCatalog.From(configuration, ProviderCatalog.Embedded()));
        var options = problems.Try(() => BrokerOptions.From(configuration));
        var isStoreGiven = services.Any(service => service.ServiceType == typeof(ISessionStore));
        var store = isStoreGiven ? null : problems.Try(() => Store(configuration));
        var areSecretsGiven = apps is null || services.Any(service => service.ServiceType == typeof(ISecrets));
        var secrets = areSecretsGiven ? null : problems.Try(() => Secrets(configuration, apps!));
        problems.ThrowIfAny();

        services.AddSingleton(options);
        services.AddSingleton(apps!);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<TokenCredential>(_ => new DefaultAzureCredential());
        if (store is not null)
            services.AddSingleton(store);
        if (secrets is not null)
            services.AddSingleton(secrets);
        services.AddMetrics().AddSingleton<BrokerMetrics>();
        services.AddRouting(); // With regular expressions in routes, which slim hosts leave out: WrongPath has one.
        AddUseCases(services);
        services.AddSingleton<StartAgain>();
        services.AddSingleton<BrowserSignIn>();
        services.AddSingleton<EndpointRunner>();
        services.AddHostedService<TableSetup>();
        services.AddHostedService<SecretRefresher>();
        services.AddHostedService(provider => provider.GetRequiredService<Discovery>());
        services.AddHostedService(provider => provider.GetRequiredService<Sweeper>());
        services.Configure<KestrelServerOptions>(kestrel => kestrel.AddServerHeader = false);
        KeepSecretsOutOfLogs(services);
        return builder;
    }

    private static void AddUseCases(IServiceCollection services) => services
        .AddSingleton<ProviderHttp>()
        .AddSingleton<Discovery>()
        .AddSingleton<AuthorizeUrl>()
        .AddSingleton<TokenClient>()
        .AddSingleton<UserInfoClient>()
        .AddSingleton<RevocationClient>()
        .AddSingleton<Sweeper>()
        .AddSingleton<CodeEntries>()
        .AddSingleton<FailureLimiter>()
        .AddSingleton<RightCodes>()
        .AddSingleton<DpopProofs>()
        .AddSingleton<SessionLimiter>()
        .AddSingleton<PollPace>()
        .AddSingleton<RefusedTokens>()
        .AddSingleton<OpenId2Client>()
        .AddSingleton<ProviderKeys>()
        .AddSingleton<ProviderIdentity>()
        .AddSingleton<IdTokens>()
        .AddSingleton<TokenHandover>()
        .AddSingleton<BeginSignIn>()
        .AddSingleton<CompleteSignIn>()
        .AddSingleton<ShowSignIn>()
        .AddSingleton<RedeemAccessCode>()
        .AddSingleton<RedeemAuthorizationCode>()
        .AddSingleton<BeginDevice>()
        .AddSingleton<FindDevice>()
        .AddSingleton<DecideDevice>()
        .AddSingleton<PollDevice>()
        .AddSingleton<RefreshTokens>()
        .AddSingleton<RevokeToken>()
        .AddSingleton<ReadUserInfo>()
        .AddSingleton<CheckReadiness>();

    private static Func<IServiceProvider, ISessionStore> Store(IConfiguration configuration)
    {
        const string key = "SessionStorage";
        const string uriKey = $"{key}:tableServiceUri";
        if (configuration[uriKey] is { Length: > 0 } uri)
        {
            var endpoint = WebAddress.Parse(uriKey, uri);
            return services => Tables(table =>
                new(endpoint, table, services.GetRequiredService<TokenCredential>(), WithTimeout(new TableClientOptions())));
        }
        var connection = configuration[key] is { Length: > 0 } text
            ? text
            : throw new ConfigurationException(key, "is missing: set a connection string, or SessionStorage__tableServiceUri.");
        try
        {
            var store = Tables(table => new(connection, table, WithTimeout(new TableClientOptions())));
            return _ => store;
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or InvalidOperationException)
        {
            throw new ConfigurationException(key, "is no storage connection string.");
        }

        static TableSessionStore Tables(Func<string, TableClient> client) =>
            new(client(TableSessionStore.SessionsTable), client(TableSessionStore.CodesTable), client(TableSessionStore.FailuresTable));
    }

    private static Func<IServiceProvider, ISecrets> Secrets(IConfiguration configuration, AppCatalog apps)
    {
        const string key = "KeyVault:Uri";
        if (configuration[key] is not { Length: > 0 } uri)
        {
            if (IsDeployed(configuration))
                throw new ConfigurationException(key, "is missing: deployed, secrets come from Key Vault only.");
            var secrets = new ConfigurationSecrets(configuration, apps);
            return _ => secrets;
        }

        if (apps.Registrations.Select(ConfigurationSecrets.KeyOf).Append(ConfigurationSecrets.ProtectionKeyName).Append(
            ConfigurationSecrets.SigningKeyName)
            .FirstOrDefault(name => !string.IsNullOrEmpty(configuration[name])) is { } misplaced)
        {
            throw new ConfigurationException(misplaced, "is for local runs only: with KeyVault__Uri set, the vault holds the secret.");
        }
        var vault = WebAddress.Parse(key, uri);
        return services => new VaultSecrets(
            new SecretClient(vault, services.GetRequiredService<TokenCredential>(), WithTimeout(new SecretClientOptions())),
            apps,
            services.GetRequiredService<ILogger<VaultSecrets>>());
    }

    // App Service sets the site's name in every process it starts; Core Tools and tests do not.
    private static bool IsDeployed(IConfiguration configuration) => !string.IsNullOrEmpty(configuration["WEBSITE_SITE_NAME"]);

    private static TOptions WithTimeout<TOptions>(TOptions options) where TOptions : ClientOptions
    {
        options.Retry.NetworkTimeout = NetworkTimeout;
        return options;
    }

    /// <summary>
    /// ASP.NET Core logs every request with its query, which here holds codes and states. No log level may bring that back.
    /// </summary>
    private static void KeepSecretsOutOfLogs(IServiceCollection services) => services.PostConfigure<LoggerFilterOptions>(options =>
    {
        // A rule for one log provider outweighs any rule for all of them, so each that is named gets its own.
        var logProviders = options.Rules.Select(rule => rule.ProviderName).Append(null).Distinct().ToList();
        foreach (var (category, least) in LoggersOfRequests)
        {
            foreach (var rule in options.Rules.Where(
                rule => rule.CategoryName?.StartsWith(category, StringComparison.OrdinalIgnoreCase) == true).ToList())
                options.Rules.Remove(rule);
            foreach (var logProvider in logProviders)
                options.Rules.Add(new(logProvider, category, least, null));
        }
    });
}
