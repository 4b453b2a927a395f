using System.Net;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.AspNetCore.Http;
using TokenBroker.Apps;
using TokenBroker.Storage;
using TokenBroker.Tests.Apps;
using TokenBroker.Web;
using TokenBroker.Web.Middleware;
using TokenBroker.Web.Pages;

namespace TokenBroker.Tests.Fuzz;

/// <summary>What any caller can write into a request: parameters, cookies, headers.</summary>
public sealed class RequestFuzzTests
{
    private const string FormType = "application/x-www-form-urlencoded";
    private const StringComparison IgnoreCase = StringComparison.OrdinalIgnoreCase;
    private static readonly string[] Names = ["scope", "code", "state", "app", "é"];

    [Fact]
    public void A_parameter_of_a_query_is_read_as_it_stands_there_and_a_repeated_one_is_an_error() =>
        Fuzz.Check("query", Pairs(), input =>
        {
            var query = Inputs.Text(input);
            var request = new DefaultHttpContext().Request;
            request.QueryString = new($"?{query}");
            AssertReads(query, Read(request)!);
        });

    /// <summary>The first line of an input is the content type, the rest is the body.</summary>
    [Fact]
    public void A_parameter_of_a_form_is_read_as_it_stands_there_and_a_repeated_one_is_an_error()
    {
        var forms = from type in Gen.Elements(FormType, $"{FormType}; charset=utf-8", $"{FormType}; charset=iso-8859-1", "text/plain")
                    from pairs in Pairs()
                    select $"{type}\n{pairs}";
        Fuzz.Check("form", forms, input =>
        {
            var end = Array.IndexOf(input, (byte)'\n');
            var type = end < 0 ? FormType : Encoding.Latin1.GetString(input.AsSpan(0, end));
            var body = input[(end + 1)..];
            var request = new DefaultHttpContext().Request;
            (request.Method, request.ContentType, request.Body) = ("POST", type, new MemoryStream(body));
            if (Read(request) is not { } parameters)
                return;
            if (type is FormType or $"{FormType}; charset=utf-8")
                AssertReads(Encoding.UTF8.GetString(body), parameters);
            // ASP.NET Core takes blanks around the slash.
            else if (!string.Concat(type.Where(character => !char.IsWhiteSpace(character))).StartsWith(FormType, IgnoreCase))
                Assert.NotNull(parameters.Error);
        });
    }

    [Fact]
    public void A_cookie_is_a_session_id_that_stands_in_the_header_or_none()
    {
        var (http, https) = (new BrokerOptions(new("http://localhost:7071")), new BrokerOptions(new("https://broker.example.com")));
        var id = SessionId.TryParse("019aa6d6b000" + new string('A', 43))!.Text;
        var cookie = from name in Gen.Elements(SessionCookie.Name, $"__Host-{SessionCookie.Name}", "other")
                     from value in Gen.Elements(id, id, $"\"{id}\"", "", new string('c', 5000))
                     select $"{name}={value}";
        Fuzz.Check("cookie", Gen.ListOf(cookie, 3).Select(cookies => string.Join("; ", cookies)), input =>
        {
            var header = Inputs.Text(input);
            var request = new DefaultHttpContext().Request;
            request.Headers.Cookie = header;
            var read = SessionCookie.Read(request, http);
            Assert.True(read is null || header.Contains($"{SessionCookie.Name}={read.Text}", StringComparison.Ordinal));
            // Over https it stands there twice.
            var overHttps = SessionCookie.Read(request, https);
            var isThereTwice = header.Replace($"__Host-{SessionCookie.Name}={overHttps?.Text}", "", StringComparison.Ordinal)
                .Contains($"{SessionCookie.Name}={overHttps?.Text}", StringComparison.Ordinal);
            Assert.True(overHttps is null || isThereTwice);
        });
    }

    [Fact]
    public void A_caller_s_address_is_the_last_one_of_the_header_that_the_host_passes_on_or_unknown()
    {
        var address = Gen.Elements("203.0.113.7", "203.0.113.7:4711", "[2001:db8:1:2:3:4:5:6]:4711", "2001:db8::1", "::ffff:203.0.113.7",
            "fe80::1%eth0", "::1", "127.1", "0x7f000001", "unknown", "");
        var headers = from name in Gen.Elements("X-Forwarded-For", "x-forwarded-for")
                      from addresses in Gen.ListOf(address, 3)
                      select $$"""{"Host":"broker","{{name}}":"{{string.Join(", ", addresses)}}"}""";
        Fuzz.Check("client-address", headers, input =>
        {
            var text = Inputs.Text(input);
            AssertIsLimitKey(ClientAddress.FromBindingData(new Dictionary<string, object?> { ["Headers"] = text }));
            AssertIsLimitKey(ClientAddress.Parse(text));

            // Whatever the caller writes before it, the last entry counts.
            var forwarded = $"{text}, 203.0.113.7:4711";
            var forged = JsonSerializer.Serialize(new Dictionary<string, string> { ["X-Forwarded-For"] = forwarded });
            Assert.Equal("203.0.113.7", ClientAddress.FromBindingData(new Dictionary<string, object?> { ["Headers"] = forged }).Value);
        });
    }

    [Fact]
    public void Scopes_are_those_of_the_app_that_were_asked_for_or_a_problem_is_named()
    {
        App[] apps =
        [
            .. new[] { "lifescope", "oauth2", "discord", "github" }.Select(provider => TestApps.From(
                ("Apps:game:Provider", provider), ("Apps:game:ClientId", "id"), ("Apps:game:Domain", "id.example.com"),
                ("Apps:game:AuthorizationEndpoint", "https://id.example.com/a"), ("Apps:game:TokenEndpoint", "https://id.example.com/t"),
                ("Apps:game:Scopes:0", provider == "lifescope" ? "basic" : "identify"),
                ("Apps:game:Scopes:1", provider == "lifescope" ? "events:read" : "İdentify")).All.Single()),
        ];
        var scopes = Gen.ListOf(Gen.Elements("basic", "BASIC", "events:read", "identify", "ıdentify", "other", ""), 3);
        var texts = from asked in scopes from separator in Gen.Elements(",", " ", ", ") select string.Join(separator, asked);
        Fuzz.Check("scopes", texts, input =>
        {
            var text = Inputs.Text(input);
            foreach (var app in apps)
            {
                var choices = app.ChoicesFor(text, provider: null);
                Assert.Equal(choices.All.Count > 0, choices.Problem.Length == 0);
                var read = choices.All.SelectMany(choice => choice.Scopes).ToList();
                var allowed = app.OnlyRegistration!.Scopes;
                Assert.Equal(read, read.Distinct());
                Assert.All(read, scope => Assert.Contains(scope, allowed));
                Assert.All(read, scope => Assert.Contains(scope, text, StringComparison.OrdinalIgnoreCase));
                Assert.Empty((TokenBroker.Apps.Scopes.Narrow(text, allowed) ?? []).Except(allowed));
            }
        });
    }

    [Fact]
    public void Whatever_languages_a_browser_names_the_page_has_one_of_ours()
    {
        var tag = Gen.Elements("en", "de-AT", "pt", "zh-Hant-TW", "ar", "JA", "*", "xx", "en-US;q=0.5", "fr;q=0",
            "ko;q=1.000", "de;q=2", "\"es\"");
        var texts = from tags in Gen.ListOf(tag, 4) from separator in Gen.Elements(",", ", ", " ") select string.Join(separator, tags);
        Fuzz.Check("languages", texts, input =>
        {
            var text = Inputs.Text(input);
            var (header, query, cookie) = (new DefaultHttpContext(), new DefaultHttpContext(), new DefaultHttpContext());
            header.Request.Headers.AcceptLanguage = text;
            query.Request.QueryString = new($"?{Language.Parameter}={Uri.EscapeDataString(text)}");
            cookie.Request.Headers.Cookie = $"{Language.Parameter}={text}";
            foreach (var http in new[] { header, query, cookie })
            {
                var language = Language.Of(http.Request);
                Assert.Contains(language.Tag, Language.Tags);
                Assert.True(language.Tag == "en" || Uri.UnescapeDataString(text).Contains(language.Tag.Split('-')[0], IgnoreCase));
            }
        });
    }

    /// <summary>Null where the request is answered with status 400.</summary>
    private static Parameters? Read(HttpRequest request)
    {
        try
        {
            // What is in memory is read at once.
            var reading = Parameters.ReadAsync(request, Names);
            Assert.True(reading.IsCompleted);
            return reading.GetAwaiter().GetResult();
        }
        catch (Exception exception) when (exception is InvalidDataException or BadHttpRequestException)
        {
            return null;
        }
    }

    /// <summary>Reads the text again, by https://url.spec.whatwg.org/#urlencoded-parsing, and compares.</summary>
    private static void AssertReads(string encoded, Parameters parameters)
    {
        var pairs = encoded.Split('&').Where(pair => pair.Length > 0).Select(pair => pair.Split('=', 2))
            .ToLookup(pair => Decode(pair[0]), pair => Decode(pair.ElementAtOrDefault(1) ?? ""), StringComparer.OrdinalIgnoreCase);
        Assert.Equal(Names.Any(name => pairs[name].Count() > 1), parameters.Error is not null);
        foreach (var name in Names.Where(name => pairs[name].Count() <= 1))
            Assert.Equal(pairs[name].SingleOrDefault() is { Length: > 0 } value ? value : null, parameters[name]);

        static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
    }

    /// <summary>An address, or a whole network of IPv6, so that one caller has one limit.</summary>
    private static void AssertIsLimitKey(ClientAddress address)
    {
        if (address == ClientAddress.Unknown)
            return;
        var network = address.Value.Split('/');
        Assert.True(IPAddress.TryParse(network[0], out var ip));
        Assert.Equal(ip.ToString(), network[0]);
        Assert.Equal(ip.GetAddressBytes().Length == 16 && !IPAddress.IsLoopback(ip), network.Length == 2);
        if (network.Length == 2)
            Assert.All(ip.GetAddressBytes().Skip(8), part => Assert.Equal(0, part));
        Assert.Equal(address, ClientAddress.Parse(network[0]));
    }

    private static Gen<string> Pairs()
    {
        var pair = from name in Gen.Elements("scope", "code", "SCOPE", "state", "app", "%C3%A9", "sc%6Fpe", "", "x")
                   from value in Gen.Elements("", "a", "a+b", "a%20b", "%C3%A9", "%00", "%F0%9F%98%80", "%253D", "a%26code=b", "a=b")
                   select $"{name}={value}";
        return from count in Gen.Choose(0, 5) from pairs in Gen.ListOf(pair, count) select string.Join('&', pairs);
    }
}
