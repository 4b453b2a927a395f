using System.Reflection;
using System.Text.RegularExpressions;
using TokenBroker.Crypto;
using TokenBroker.OAuth;
using TokenBroker.SignIns;
using TokenBroker.Storage;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Docs;

public sealed class ThreatModelTests
{
    [Fact]
    public void Every_threat_names_tests_that_exist()
    {
        var rows = File.ReadAllLines(Repository.File("docs", "security.md")).SkipWhile(line => line != "## What is protected")
            .TakeWhile(line => line != "## The figures")
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1).ToList();
        var tests = typeof(ThreatModelTests).Assembly.GetTypes().SelectMany(type => type.GetMethods())
            .Where(method => method.IsDefined(typeof(FactAttribute))).Select(method => method.Name).ToHashSet();

        Assert.True(rows.Count > 20);
        foreach (var row in rows)
        {
            var named = Regex.Matches(row.Split('|')[3], "`([^`]+)`").Select(match => match.Groups[1].Value).ToList();
            Assert.NotEmpty(named);
            Assert.All(named, name => Assert.Contains(name, tests));
        }
    }

    /// <summary>Records print their members unless told otherwise: one that does must be known to hold no secret.</summary>
    [Fact]
    public void Every_record_that_shows_its_members_is_known_to_hold_no_secret()
    {
        // Bytes print as their type, and the ids, codes and replies inside hide themselves.
        string[] harmless =
        [
            "App", "AppSettings", "AuthorizeParameters", "Choice", "Choices", "ClientAssertion", "IdentityMapping", "Kept", "FaultReply",
                "AppLinks", "Explanation", "RedirectHosts", "RememberedLink",
                "Registration", "Branding", "BrokerOptions",
                "ClientAddress", "CodeEntry", "Device",
                "DiscoveryDocument",
            "Caller", "DeviceQuestion", "DpopCheck", "Failure", "FoundEntry",
                "OAuthError", "Outcome", "Provider", "ProviderEndpoints", "Reply", "Session", "SignInView",
                "State",
                "Texts",
        ];
        var showing = typeof(Session).Assembly.GetTypes()
            .Where(type => type.GetMethod("PrintMembers", BindingFlags.Instance | BindingFlags.NonPublic,
                [typeof(System.Text.StringBuilder)]) is not null)
            .Where(type => type.GetMethod(nameof(ToString),
                Type.EmptyTypes)!.GetCustomAttribute<System.Runtime.CompilerServices.CompilerGeneratedAttribute>() is not null)
            .Select(type => type.Name.Split('`')[0]).Distinct();
        Assert.Empty(showing.Except(harmless).Order());
    }

    [Fact]
    public void No_record_shows_its_secret()
    {
        var code = Codes.New();
        var id = SessionId.New(DateTimeOffset.UnixEpoch);
        var token = new TokenReply("marked", null, null, "marked", null, null);
        object[] holders =
        [
            code, id, token, (Result<TokenReply, ProviderFailure>)token, new CodeEntryContent("session", "app", null, [], token),
                new SealedRefreshToken("app", [], "marked"), ProtectionKey.New(),
            new AuthorizationResponse("marked", null, null, "complete", new Dictionary<string, string?> { ["state"] = "marked" }),
            DeviceCode.New(DateTimeOffset.UnixEpoch),
            new SealedParameters("marked", "marked", "marked", "marked"),
            new SignInRequest(null!, null!, []) { State = "marked", LoginHint = "marked" },
            new AuthorizationRequest(null!, [], "marked", "marked", Reauthenticate: false, "marked"),
        ];
        foreach (var holder in holders)
        {
            var text = holder.ToString()!;
            Assert.DoesNotContain("marked", text, StringComparison.Ordinal);
            Assert.DoesNotContain(code.Text, text, StringComparison.Ordinal);
            Assert.DoesNotContain(id.Text[12..], text, StringComparison.Ordinal);
        }
    }
}
