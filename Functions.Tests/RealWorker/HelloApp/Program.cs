using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;

var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
builder.Build().Run();

namespace TokenBroker.HelloApp
{
    /// <summary>One function.</summary>
    public static class Hello
    {
        /// <summary>Says hello.</summary>
        /// <param name="request">Any request.</param>
        /// <returns>200 with two words.</returns>
        [Function(nameof(Hello))]
        public static IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "hello")] HttpRequest request) =>
            Results.Text("Hello, world");
    }
}
