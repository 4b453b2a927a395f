namespace TokenBroker.SignIns;

/// <summary>Asks the dependencies whether they answer. Anybody may ask this, so one answer serves all for a few seconds.</summary>
public sealed partial class CheckReadiness(
    ISessionStore store, ISecrets secrets, AppCatalog apps, Discovery discovery, TimeProvider time, ILogger<CheckReadiness> logger)
{
    /// <summary>What answers.</summary>
    /// <param name="Storage">Whether storage does.</param>
    /// <param name="Secrets">Whether every secret is at hand.</param>
    /// <param name="Providers">Whether every provider that must be discovered has been; sign-ins at the others work without.</param>
    public sealed record State(bool Storage, bool Secrets, bool Providers);

    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);
    private readonly Lock _lock = new();
    private Task<State>? _answer;
    private DateTimeOffset _askedAt;

    /// <summary>Asks, or takes the last answer while it is fresh.</summary>
    /// <returns>What answers.</returns>
    public Task<State> RunAsync()
    {
        lock (_lock)
        {
            if (_answer is null || time.GetUtcNow() >= _askedAt + Freshness)
                (_answer, _askedAt) = (AskAsync(), time.GetUtcNow());
            return _answer;
        }
    }

    private async Task<State> AskAsync()
    {
        using var limit = new CancellationTokenSource(Timeout, time);
        var storage = AnswersAsync("storage", store.CheckAsync(limit.Token));
        var vault = AnswersAsync("secrets", ReadSecretsAsync(limit.Token));
        return new(await storage, await vault, discovery.IsComplete);
    }

    private async Task ReadSecretsAsync(CancellationToken cancellation)
    {
        await secrets.ProtectionKeysAsync(cancellation);
        await secrets.SigningKeysAsync(cancellation);
        foreach (var registration in apps.Registrations.Where(registration => registration.HasCredential))
            await secrets.ClientSecretAsync(registration, cancellation);
    }

    private async Task<bool> AnswersAsync(string dependency, Task question)
    {
        try
        {
            await question;
            return true;
        }
#pragma warning disable CA1031 // Whatever is wrong, the answer is that it does not answer.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Silent(logger, dependency, exception.GetBaseException().GetType().Name);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Not ready: {Dependency} does not answer ({Exception})")]
        public static partial void Silent(ILogger logger, string dependency, string exception);
    }
}
