using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace TokenBroker.Benchmarks.HelloWorld;

/// <summary>One function.</summary>
public static class Hello
{
    /// <summary>Says hello.</summary>
    /// <param name="request">Any request.</param>
    /// <returns>200 with two words.</returns>
    [Function(nameof(Hello))]
    public static IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "hello")] HttpRequest request) => Results.Text("Hello, world");
}
