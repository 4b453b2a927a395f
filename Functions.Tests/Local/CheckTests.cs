using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Local;

/// <summary><c>check</c>, which tries each app without a player.</summary>
public sealed class CheckTests
{
    [Fact]
    public async Task All_that_is_right_is_a_table_and_exit_code_0()
    {
        var (exitCode, output) = await Repository.RunAsync(
            "dotnet", RunningLocal.Assembly, "check", $"--urls=http://localhost:{Ports.Free()}");
        Assert.True(exitCode == 0, output);
        Assert.DoesNotContain("WRONG", output, StringComparison.Ordinal);
        Assert.Matches(@"ok     storage +its tables are there", output);
        Assert.Matches(@"ok     oidc at oidc: discovery +answers", output);
        // A made-up code tells of the secret where the provider looks at the client first, and is not tried elsewhere.
        Assert.Matches(@"ok     aura at aura: client +its id and secret are taken", output);
        Assert.Matches(@"ok     lifescope at lifescope: client +unknown: this provider does not tell", output);
    }

    [Fact]
    public async Task A_wrong_secret_a_provider_that_is_not_there_and_a_redirect_URI_that_it_refuses_are_exit_code_1()
    {
        await using var broker = await Broker.StartAsync();
        var (aura, nobody) = (broker.Emulator("aura"), $"http://127.0.0.1:{Ports.Free()}");
        var (exitCode, output) = await Repository.RunAsync(
            "dotnet", RunningLocal.Assembly, "check", "--no-emulators", $"--urls=http://localhost:{Ports.Free()}",
            "--Apps:game:Provider=aura", $"--Apps:game:ClientId={aura.ClientId}", "--Apps:game:ClientSecret=wrong",
            $"--Apps:game:AuthorizationEndpoint={aura.AuthorizationEndpoint}", $"--Apps:game:TokenEndpoint={aura.Url}oauth/token",
            $"--Apps:game:UserInfoEndpoint={aura.Url}oauth/user",
            "--Apps:away:Provider=oauth2", "--Apps:away:ClientId=x", "--Apps:away:ClientSecret=x",
            $"--Apps:away:AuthorizationEndpoint={nobody}/authorize", $"--Apps:away:TokenEndpoint={nobody}/token");
        Assert.Equal(1, exitCode);
        Assert.Matches(@"WRONG  game at aura: client +its id or secret is wrong", output);
        Assert.Matches(@"WRONG  away at oauth2: sign-in page +127\.0\.0\.1: NoConnection", output);
        Assert.DoesNotContain("wrong-secret", output, StringComparison.Ordinal);
    }
}
