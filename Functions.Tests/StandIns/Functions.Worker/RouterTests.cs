using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Hosting;

namespace TokenBroker.Tests.StandIns.FunctionsWorker;

/// <summary>The stand-in host against the behaviour of the real one.</summary>
public sealed class RouterTests
{
    [Theory]
    [InlineData("GET", "/plain", 200, "plain")]
    [InlineData("GET", "/PLAIN", 200, "plain")]
    [InlineData("GET", "/plain/", 200, "plain")]
    [InlineData("GET", "/plain?a=b", 200, "plain")]
    [InlineData("POST", "/plain", 404, "")]
    [InlineData("HEAD", "/plain", 404, "")]
    [InlineData("PUT", "/many", 404, "")]
    [InlineData("post", "/many", 200, "many")]
    [InlineData("GET", "/many", 200, "many")]
    [InlineData("GET", "/named/by/nothing", 404, "")]
    [InlineData("GET", "/Unrouted", 200, "unrouted")]
    [InlineData("GET", "/text", 200, "")]
    [InlineData("GET", "/record", 200, "")]
    [InlineData("GET", "/throws", 500, "")]
    [InlineData("GET", "/administration", 404, "")]
    [InlineData("GET", "/runtime-info", 404, "")]
    [InlineData("GET", "/twice", 200, "first in the alphabet")]
    [InlineData("GET", "/", 200, "root")]
    [InlineData("GET", "/other", 404, "")]
    [InlineData("GET", "/rest", 200, "rest")]
    [InlineData("GET", "/rest/of/the/path", 200, "rest")]
    public async Task A_request_is_answered_as_by_the_real_host(string method, string url, int status, string body)
    {
        await using var host = await FunctionHost.StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), url);
        var response = await host.Client.SendAsync(request);
        Assert.Equal((status, body), ((int)response.StatusCode, await response.Content.ReadAsStringAsync()));
    }

    [Fact]
    public void Every_function_of_the_app_is_in_a_public_class_where_the_host_looks_for_it() => Assert.All(
        typeof(TokenBroker.Endpoints.Complete).Assembly.GetTypes()
            .Where(type => type.GetMethods().Any(method => method.IsDefined(typeof(FunctionAttribute), inherit: false))),
        type => Assert.True(type.IsVisible, type.Name));

    [Theory]
    [InlineData("", nameof(Rooted.Slash))]
    [InlineData("", nameof(Rooted.Path))]
    [InlineData("api", nameof(Rooted.Path))]
    public void A_route_that_begins_with_a_slash_is_refused_as_by_the_worker(string prefix, string method) =>
        Assert.Throws<RoutePatternException>(() => new HttpFunction(new(method, typeof(Rooted).GetMethod(method)!), prefix));

    [Fact]
    public async Task The_route_prefix_of_host_json_stands_before_every_route()
    {
        Assert.Equal("", HostJson.RoutePrefix());
        var folder = Directory.CreateTempSubdirectory();
        Assert.Equal("api", HostJson.RoutePrefix(folder.FullName));
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "host.json"), """{"version":"2.0","extensions":{"http":{"routePrefix":"/a/b/"}}}""");
        Assert.Equal("a/b", HostJson.RoutePrefix(folder.FullName));
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Cookies_and_location_arrive_as_they_were_set()
    {
        await using var host = await FunctionHost.StartAsync();
        var response = await host.Client.GetAsync(new Uri("/redirect", UriKind.Relative));
        Assert.Equal(302, (int)response.StatusCode);
        Assert.Equal("https://example.com/?a=b", response.Headers.Location!.OriginalString);
        Assert.Equal(["one=1; path=/", "two=2; path=/"], response.Headers.GetValues("Set-Cookie"));
    }

    [Fact]
    public async Task The_caller_s_headers_stand_in_the_binding_data_with_its_address_last()
    {
        await using var host = await FunctionHost.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/headers");
        request.Headers.Add("X-Forwarded-For", "203.0.113.7");
        var seen = JsonDocument.Parse(await (await host.Client.SendAsync(request)).Content.ReadAsStringAsync()).RootElement;
        Assert.Matches(@"^203\.0\.113\.7, 127\.0\.0\.1:\d+$", seen.GetProperty("bound").GetString());
        Assert.Equal("127.0.0.1", seen.GetProperty("direct").GetString());
    }

    [Fact]
    public async Task A_disabled_function_is_not_there()
    {
        await using var host = await FunctionHost.StartAsync(settings: new() { ["AzureWebJobs.Plain.Disabled"] = "true" });
        Assert.Equal(404, (int)(await host.Client.GetAsync(new Uri("/plain", UriKind.Relative))).StatusCode);
    }

    private sealed class Rooted
    {
        public IResult Slash([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "/")] HttpRequest request) => Results.Ok();

        public IResult Path([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "/path")] HttpRequest request) => Results.Ok();
    }

    /// <summary>Functions of every kind; found by the host through reflection, as in an app.</summary>
    public sealed class Functions
    {
        [Function("Plain")]
        public IResult Plain([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "plain")] HttpRequest request) => Results.Text("plain");

        [Function("Many")]
        public async Task<IResult> Many([HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", Route = "many")] HttpRequest request)
        {
            await Task.Yield();
            return Results.Text("many");
        }

        [Function("Unrouted")]
        public IResult Unrouted([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request) => Results.Text("unrouted");

        [Function("Text")]
        public string Text([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "text")] HttpRequest request) => "lost";

        [Function("Record")]
        public Task<Version> Record([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "record")] HttpRequest request) => Task.FromResult(new Version(1, 0));

        [Function("Throws")]
        public IResult Throws([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "throws")] HttpRequest request) => throw new InvalidOperationException("hidden");

        [Function("Administration")]
        public IResult Administration([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "administration")] HttpRequest request) => Results.Text("reserved");

        [Function("RuntimeInfo")]
        public IResult RuntimeInfo([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "runtime-info")] HttpRequest request) => Results.Text("reserved");

        [Function("ZTwice")]
        public IResult TwiceExactly([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "twice")] HttpRequest request) => Results.Text("more exact");

        [Function("Root")]
        public IResult Root([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "{root:maxlength(0)?}")] HttpRequest request) => Results.Text("root");

        [Function("Rest")]
        public IResult Rest([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "rest/{*path}")] HttpRequest request) => Results.Text("rest");

        [Function("ATwice")]
        public IResult TwiceByTemplate([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "Twice")] HttpRequest request) => Results.Text("first in the alphabet");

        [Function("Redirect")]
        public IResult Redirect([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "redirect")] HttpRequest request)
        {
            request.HttpContext.Response.Cookies.Append("one", "1");
            request.HttpContext.Response.Cookies.Append("two", "2");
            return Results.Redirect("https://example.com/?a=b");
        }

        [Function("Headers")]
        public IResult Headers([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "headers")] HttpRequest request, FunctionContext context) => Results.Json(new
        {
            bound = JsonSerializer.Deserialize<Dictionary<string, string>>((string)context.BindingContext.BindingData["Headers"]!)!["X-Forwarded-For"],
            direct = request.HttpContext.Connection.RemoteIpAddress!.ToString(),
        });
    }
}
