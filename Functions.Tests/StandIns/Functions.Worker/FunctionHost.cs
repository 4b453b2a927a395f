using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.StandIns.FunctionsWorker;

/// <summary>The stand-in host with the functions of this assembly.</summary>
internal sealed class FunctionHost(IHost host, HttpClient client) : IAsyncDisposable
{
    public HttpClient Client => client;

    public static async Task<FunctionHost> StartAsync(Dictionary<string, string?>? settings = null, Action<IServiceCollection>? configure = null)
    {
        var url = $"http://127.0.0.1:{Ports.Free()}";
        var builder = FunctionsApplication.CreateBuilder([$"--urls={url}"]);
        builder.Configuration.AddInMemoryCollection([new("AzureWebJobs.Timer.Disabled", "true")]).AddInMemoryCollection(settings ?? []);
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(new FunctionAssemblies(typeof(FunctionHost).Assembly));
        configure?.Invoke(builder.Services);
        builder.ConfigureFunctionsWebApplication();
        var host = builder.Build();
        await host.StartAsync();
        return new(host, new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new(url) });
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await host.StopAsync();
        host.Dispose();
    }
}
