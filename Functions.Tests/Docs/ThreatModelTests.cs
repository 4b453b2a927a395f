using System.Reflection;
using System.Text.RegularExpressions;
using TokenBroker.OAuth;
using TokenBroker.Secrets;
using TokenBroker.Sessions;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Docs;

public sealed class ThreatModelTests
{
    [Fact]
    public void Every_threat_names_tests_that_exist()
    {
        var rows = File.ReadAllLines(Repository.File("docs", "threat-model.md")).SkipWhile(line => line != "## Threats").TakeWhile(line => line != "## The figures")
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1).ToList();
        var tests = typeof(ThreatModelTests).Assembly.GetTypes().SelectMany(type => type.GetMethods())
            .Where(method => method.GetCustomAttribute<FactAttribute>() is { Skip: null }).Select(method => method.Name).ToHashSet();

        Assert.True(rows.Count > 30);
        foreach (var row in rows)
        {
            var named = Regex.Matches(row.Split('|')[3], "`([^`]+)`").Select(match => match.Groups[1].Value).ToList();
            Assert.NotEmpty(named);
            Assert.All(named, name => Assert.Contains(name, tests));
        }
    }

    [Fact]
    public void No_record_shows_its_secret()
    {
        var code = AccessCode.New();
        var id = SessionId.New(DateTimeOffset.UnixEpoch);
        var token = new TokenReply("marked", null, null, "marked", null, null);
        object[] holders =
        [
            code, id, token, TokenResult.Success(token), new GrantContent("app", null, [], token), new SealedRefreshToken("app", [], "marked"), ProtectionKey.New(),
            new SessionCookie(id, true),
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
