using System.Text;
using FsCheck;
using FsCheck.Fluent;
using TokenBroker.Crypto;
using TokenBroker.Local;
using TokenBroker.SignIns;
using TokenBroker.Storage;
using TokenBroker.Tests.Infrastructure;
using TokenBroker.Web;

namespace TokenBroker.Tests.Hostile;

/// <summary>What we wrote ourselves comes back as it was, and endpoints take any parameters.</summary>
public sealed class PropertyTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_code_entry_opens_with_its_own_code_only() => Check(2000, ArbMap.Default.GeneratorFor<NonEmptyString>(), text =>
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
        Check(500, requests, request =>
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
        });
        Assert.DoesNotContain("Exception", broker.LogText, StringComparison.Ordinal);
        Assert.DoesNotContain("mArKeD", broker.LogText, StringComparison.Ordinal);

        static string Encoded(IEnumerable<(string Name, string Value)> parameters) =>
            string.Join('&', parameters.Select(parameter => $"{parameter.Name}={Uri.EscapeDataString(Valid(parameter.Value))}mArKeD"));
    }

    private static Gen<string> Text() => ArbMap.Default.GeneratorFor<string?>().Select(text => text ?? "");

    // A lone surrogate is no text that JSON could carry.
    private static string Valid(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private static void Check<T>(int runs, Gen<T> values, Func<T, bool> holds) =>
        FsCheck.Check.One(Config.QuickThrowOnFailure.WithMaxTest(runs), Prop.ForAll(Arb.From(values), holds));
}
