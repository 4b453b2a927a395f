using System.Net;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using TokenBroker.Crypto;
using TokenBroker.Local;
using TokenBroker.OAuth;
using TokenBroker.Providers;
using TokenBroker.SignIns;
using TokenBroker.Storage;
using TokenBroker.Tests.Infrastructure;
using TokenBroker.Web;

namespace TokenBroker.Tests.Hostile;

/// <summary>What comes from outside is read without ever throwing, and what we wrote ourselves comes back as it was.</summary>
public sealed class PropertyTests
{
    private const int Runs = 2000;
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly Provider Plain = ProviderCatalog.Embedded().Find("oauth2")!;
    private static readonly Config Config = Config.QuickThrowOnFailure.WithMaxTest(Runs);

    [Fact]
    public void Any_bytes_are_a_token_or_a_failure() => Check(Gen.ArrayOf(ArbMap.Default.GeneratorFor<byte>()), bytes =>
        TokenReplyParser.Parse(HttpStatusCode.OK, bytes, Plain, Now) is { Value: null } or { Failure: null });

    [Fact]
    public void Any_JSON_with_surprising_members_is_a_token_or_a_failure()
    {
        string[] values = ["null", "7", "-1", "1e999", "\"\"", "\"a\"", "\"\\ud800\"", "[]", "[1]", "[\"a\"]", "{}", "{\"a\":[{}]}",
            "true",
            "\"[\\\"a\\\"]\"", "\"3600\"", "\"[\""];
        var member =
            from name in Gen.Elements("access_token", "token_type", "expires_in", "refresh_token", "scope", "error", "code", "status",
                "other")
            from value in Gen.Elements(values)
            select $"\"{name}\":{value}";
        Check(Gen.ListOf(member), members =>
            TokenReplyParser.Parse(HttpStatusCode.OK, Encoding.UTF8.GetBytes($"{{{string.Join(',', members)}}}"), Plain, Now)
            is { Value: null, Failure: not null } or { Value.AccessToken.Length: > 0, Failure: null });
    }

    [Fact]
    public void Any_text_is_an_access_code_or_none() => Check(Text(), text =>
        AccessCode.TryParse(text) is not { } code || code.Text.Length == AccessCode.Length);

    [Fact]
    public void A_code_survives_blanks_and_dashes_anywhere() => Check(
        Gen.ListOf(Gen.Zip(Gen.Choose(0, 8), Gen.Elements(' ', '-', '\t', '\u00a0'))), noise =>
        {
            var code = Codes.New().Text;
            var typed = noise.Aggregate(code, (text, mark) => text.Insert(mark.Item1, mark.Item2.ToString()));
            return AccessCode.TryParse(typed)?.Text == code;
        });

    [Fact]
    public void Any_text_is_a_user_code_or_none() => Check(Text(), text =>
        UserCode.TryParse(text) is not { } code || UserCode.TryParse(code.Text)!.Text == code.Text);

    [Fact]
    public void Any_text_is_a_device_code_or_none() =>
        Check(Text(), text => DeviceCode.TryParse(text) is not { } code || code.Text == text);

    [Fact]
    public void Any_text_is_a_session_id_or_none() => Check(Text(), text => SessionId.TryParse(text) is not { } id || id.Text == text);

    [Fact]
    public void A_session_id_with_one_character_changed_is_another_or_none() =>
        Check(Gen.Zip(Gen.Choose(0, 54), Gen.Elements("0aZ_-!é\0".ToCharArray())), change =>
    {
        var id = SessionId.New(Now);
        var text = id.Text.ToCharArray();
        if (text[change.Item1] == change.Item2)
            return true;
        text[change.Item1] = change.Item2;
        return SessionId.TryParse(new string(text)) is not { } other || (other.RowKey != id.RowKey && !id.IsState(other.State));
    });

    [Fact]
    public void Any_text_is_a_sealed_token_or_none()
    {
        var keys = new KeyRing([(ProtectionKey.New(), Now)]);
        Check(Text(), text => SealedRefreshToken.Open(text, keys) is null);
        Check(Text(), text => SealedRefreshToken.Open($"tb1.{keys.Current(Now).Id}.{text}", keys) is null);
    }

    [Fact]
    public void A_sealed_token_comes_back_and_with_one_character_changed_does_not()
    {
        var key = ProtectionKey.New();
        var keys = new KeyRing([(key, Now)]);
        Check(Gen.Zip(ArbMap.Default.GeneratorFor<NonEmptyString>(), Gen.Choose(0, int.MaxValue)), pair =>
        {
            var token = new SealedRefreshToken("app", ["a", "b"], Valid(pair.Item1.Get));
            var text = token.Seal(key);
            var opened = SealedRefreshToken.Open(text, keys)!;
            var at = 13 + (pair.Item2 % (text.Length - 13));
            var changed = $"{text[..at]}{(text[at] == 'A' ? 'B' : 'A')}{text[(at + 1)..]}";
            // The last character of base64url may carry bits that do not count.
            return opened.Token == token.Token && opened.Scopes.SequenceEqual(token.Scopes) &&
                (at == text.Length - 1 || SealedRefreshToken.Open(changed, keys) is null);
        });
    }

    [Fact]
    public void A_code_entry_opens_with_its_own_code_only() => Check(ArbMap.Default.GeneratorFor<NonEmptyString>(), text =>
    {
        var (key, code) = (ProtectionKey.New(), Codes.New());
        var content = new CodeEntryContent("session", "app", null, ["a"], new(Valid(text.Get), null, null, null, null, null));
        var entry = content.SealUnder(code, key, Now);
        var moved = entry with { RowKey = key.RowKeyOf(Codes.New().Text) };
        return Open(entry, key, code)!.Tokens.AccessToken == content.Tokens.AccessToken &&
            Open(entry, key, Codes.New()) is null &&
            Open(entry, ProtectionKey.New(), code) is null &&
            Open(moved, key, code) is null;

        static CodeEntryContent? Open(CodeEntry entry, ProtectionKey key, AccessCode code) =>
            CodeEntryContent.Open(new CodeEntries.FoundEntry(entry, key), code.Text);
    });

    [Fact]
    public async Task Every_endpoint_answers_any_parameters_with_a_status_below_500_and_logs_none_of_them()
    {
        await using var broker = await Broker.StartAsync();
        using var http = new HttpClient(
            new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
        { BaseAddress = broker.Url };
        string[] names = ["scopes", "app", "client_id", "code_challenge", "code_challenge_method", "code", "state", "error", "iss",
            "context", "access_code", "code_verifier", "grant_type", "refresh_token", "scope", "device_code", "user_code", "action",
                "form_token", "token"];
        var parameters = Gen.ListOf(Gen.Zip(Gen.Elements(names), Text()));
        var requests = from function in Gen.Elements<HttpFunction>(Routes.All)
                       from method in Gen.Elements<string>(function.Methods)
                       from query in parameters
                       from form in parameters
                       from cookie in Text()
                       from bearer in Text()
                       select (function.Route, method, query, form, cookie, bearer);
        FsCheck.Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(Arb.From(requests), request =>
        {
            // A guesser is stopped after ten tries: time passes, so that the next ones are looked at too.
            broker.Time.Advance(TimeSpan.FromSeconds(40));
            using var message = new HttpRequestMessage(
                new(request.method), new Uri($"/{request.Route.Split("/{*")[0]}?{Encoded(request.query)}", UriKind.Relative));
            message.Headers.TryAddWithoutValidation("Cookie", $"{SessionCookie.Name}={Uri.EscapeDataString(request.cookie)}mArKeD");
            message.Headers.TryAddWithoutValidation("Authorization", $"Bearer {Uri.EscapeDataString(request.bearer)}mArKeD");
            if (request.method == "POST")
                message.Content = new StringContent(Encoded(request.form), Encoding.UTF8, "application/x-www-form-urlencoded");
            using var response = http.Send(message);
            return (int)response.StatusCode < 500;
        }));
        Assert.DoesNotContain("Exception", broker.LogText, StringComparison.Ordinal);
        Assert.DoesNotContain("mArKeD", broker.LogText, StringComparison.Ordinal);

        static string Encoded(IEnumerable<(string Name, string Value)> parameters) =>
            string.Join('&', parameters.Select(parameter => $"{parameter.Name}={Uri.EscapeDataString(Valid(parameter.Value))}mArKeD"));
    }

    private static Gen<string> Text() => ArbMap.Default.GeneratorFor<string?>().Select(text => text ?? "");

    // A lone surrogate is no text that JSON could carry.
    private static string Valid(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private static void Check<T>(Gen<T> values, Func<T, bool> holds) => FsCheck.Check.One(Config, Prop.ForAll(Arb.From(values), holds));
}
