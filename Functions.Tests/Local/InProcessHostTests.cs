using TokenBroker.Local;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Local;

/// <summary>Where a caller can notice, the in-process host does as the Functions host.</summary>
public sealed class InProcessHostTests
{
    [Theory]
    [InlineData("GET", "/health", 200)]
    [InlineData("GET", "/HEALTH", 200)]
    [InlineData("GET", "/health/", 200)]
    [InlineData("POST", "/health", 404)]
    [InlineData("HEAD", "/health", 404)]
    [InlineData("PUT", "/exchange-code", 404)]
    [InlineData("GET", "/device/qr/", 400)]
    [InlineData("GET", "/", 200)]
    [InlineData("GET", "/nothing", 404)]
    [InlineData("GET", "/.well-known/oauth-authorization-server/some/path", 404)]
    public async Task A_request_is_answered_as_by_the_Functions_host(string method, string url, int status)
    {
        await using var broker = await Broker.StartAsync();
        using var http = new HttpClient { BaseAddress = broker.Url };
        using var request = new HttpRequestMessage(new HttpMethod(method), url);
        var response = await http.SendAsync(request);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.False(response.Content.Headers.Contains("Allow"));
    }

    [Theory]
    [InlineData("""{"version":"2.0"}""", "api")]
    [InlineData("""{"version":"2.0","extensions":{"http":{"routePrefix":""}}}""", "")]
    [InlineData("""{"version":"2.0","extensions":{"http":{"routePrefix":"/a/b/"}}}""", "a/b")]
    public async Task The_route_prefix_of_host_json_stands_before_every_route(string hostJson, string prefix)
    {
        var folder = Directory.CreateTempSubdirectory();
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "host.json"), hostJson);
        Assert.Equal(prefix, InProcessHost.RoutePrefix(folder.FullName));
        folder.Delete(recursive: true);
        var routes = InProcessHost.HttpFunctions(typeof(TokenBroker.Endpoints.Health).Assembly, prefix)
            .Select(function => function.Route);
        Assert.Contains($"{prefix}/health".TrimStart('/'), routes);
    }

    /// <summary>
    /// The Functions host takes the first of two in alphabetical order, ASP.NET Core the more exact: there must be no such two.
    /// </summary>
    [Fact]
    public void No_two_functions_share_a_path()
    {
        var paths = Routes.All.Select(Routes.PathOf).ToList();
        Assert.Equal(paths.Count, paths.Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    /// <summary>It fits every path: any function after it would never be reached on the Functions host.</summary>
    [Fact]
    public void The_function_of_all_other_paths_is_the_last_in_alphabetical_order() => Assert.Equal(
        nameof(TokenBroker.Endpoints.WrongPath),
        InProcessHost.HttpFunctions(typeof(TokenBroker.Endpoints.Health).Assembly).OrderBy(
            function => function.Name, StringComparer.OrdinalIgnoreCase).Last().Name);

    [Fact]
    public void Every_function_is_in_a_public_class_that_says_who_calls_it()
    {
        Assert.All(Routes.All, function => Assert.NotEmpty(function.Methods));
        var classes = typeof(TokenBroker.Endpoints.Health).Assembly.GetTypes()
            .Where(type => type.GetMethods()
                .Any(method => method.IsDefined(typeof(Microsoft.Azure.Functions.Worker.FunctionAttribute), inherit: false)));
        Assert.All(classes, type => Assert.True(type.IsVisible, type.Name));
    }
}
