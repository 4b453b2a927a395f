using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TokenBroker.Apps;
using TokenBroker.Local.Dev;
using TokenBroker.OAuth;
using TokenBroker.Secrets;
using TokenBroker.Storage;

namespace TokenBroker.Local;

/// <summary>
/// <c>check</c>: tries each app as far as that goes without a player, and prints a table. With <c>KeyVault__Uri</c> it tries the secrets
/// of the deployment.
/// </summary>
internal sealed class Check(
    AppCatalog apps, BrokerOptions options, Discovery discovery, ProviderHttp http, TokenClient tokens, ISecrets secrets,
    ISessionStore store)
{
    private readonly List<(string What, string Result, bool IsWrong)> _rows = [];

    /// <summary>Runs it.</summary>
    /// <returns>The exit code: 1 if anything is wrong.</returns>
    public static async Task<int> RunAsync(WebApplicationBuilder builder, TextWriter output)
    {
        // The table says what the log would.
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<Check>();
        await using var app = builder.Build();
        return await app.Services.GetRequiredService<Check>().RunAsync(output);
    }

    internal async Task<int> RunAsync(TextWriter output)
    {
        await TryAsync("storage", "its tables are there", () => store.CheckAsync(CancellationToken.None));
        await TryAsync("protection key", "readable", async () => await secrets.ProtectionKeysAsync(CancellationToken.None));
        await TryAsync("ID token key", "readable", async () => await secrets.SigningKeysAsync(CancellationToken.None));
        foreach (var registration in apps.Registrations)
            await CheckAsync(registration);
        var width = _rows.Max(row => row.What.Length);
        foreach (var (what, result, isWrong) in _rows)
            output.WriteLine($"{(isWrong ? "WRONG" : "ok   ")}  {what.PadRight(width)}  {result}");
        return _rows.Any(row => row.IsWrong) ? 1 : 0;
    }

    private async Task CheckAsync(Registration registration)
    {
        var name = $"{registration.AppName} at {registration.Name}";
        var hasSecret = !registration.HasCredential || await TryAsync(
            $"{name}: secret", "readable", async () => await secrets.ClientSecretAsync(registration, CancellationToken.None));
        if (await discovery.ResolveAsync(registration, CancellationToken.None) is not { } resolved)
        {
            Add($"{name}: discovery", $"{registration.Issuer} does not describe itself: check Issuer or Domain.", isWrong: true);
            return;
        }
        if (registration.Provider.Discovery)
            Add($"{name}: discovery", "answers");
        await CheckEndpointAsync(resolved, $"{name}: sign-in page", resolved.Endpoints.Authorization!);
        await CheckEndpointAsync(resolved, $"{name}: token endpoint", resolved.Endpoints.Token!);
        if (hasSecret && resolved.HasCredential)
            await CheckSecretAsync(resolved, name);
        if (RedirectAdvice.For(resolved, options.PublicUrl) is { } advice)
            Add($"{name}: redirect URI", advice, isWrong: true);
        else
            Add($"{name}: redirect URI", $"to be registered: {options.Url(registration.RedirectPath)}");
    }

    /// <summary>Any answer shows that somebody is there: without parameters the best is a refusal.</summary>
    private async Task CheckEndpointAsync(Registration registration, string what, Uri endpoint)
    {
        var reply = await http.GetAsync(registration, endpoint, bearerToken: null, CancellationToken.None);
        if (reply.Missing == NoReply.None)
            Add(what, $"{endpoint.Host} answers (HTTP {reply.Status})", isWrong: reply.Status >= 500);
        else
            Add(what, $"{endpoint.Host}: {reply.Missing}", isWrong: true);
    }

    /// <summary>A code that nobody has given: where the provider looks at the client first, its answer tells of the secret.</summary>
    private async Task CheckSecretAsync(Registration registration, string name)
    {
        var what = $"{name}: client";
        if (!registration.Provider.TellsWrongSecret)
        {
            Add(what, "unknown: this provider does not tell without a player; sign in once");
            return;
        }
        var code = RandomNumberGenerator.GetHexString(40, lowercase: true);
        var (verifier, scopes) = (RandomNumberGenerator.GetHexString(64), registration.ProviderScopes(registration.Scopes));
        var reply = await tokens.ExchangeAsync(registration, code, verifier, scopes);
        switch (reply.Failure)
        {
            case ProviderFailure.RefusedClient:
                Add(what, "its id or secret is wrong", isWrong: true);
                break;
            case ProviderFailure.RefusedGrant:
                Add(what, "its id and secret are taken");
                break;
            default:
                Add(what, $"unknown: {reply.Failure}");
                break;
        }
    }

    private async Task<bool> TryAsync(string what, string result, Func<Task> question)
    {
        try
        {
            await question();
            Add(what, result);
            return true;
        }
#pragma warning disable CA1031 // Whatever is wrong, the table says so.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            var cause = exception.GetBaseException();
            var status = cause is Azure.RequestFailedException failed ? $" (HTTP {failed.Status} {failed.ErrorCode})" : "";
            Add(what, $"cannot be read: {cause.GetType().Name}{status}", isWrong: true);
            return false;
        }
    }

    private void Add(string what, string result, bool isWrong = false) => _rows.Add((what, result, isWrong));
}
