using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Azure.Functions.Worker.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.Builder;

/// <summary>Collects what a function app is made of, then builds its host.</summary>
public class FunctionsApplicationBuilder : IHostApplicationBuilder
{
    private const string DefaultUrl = "http://localhost:7071";
    private readonly WebApplicationBuilder _web;

    internal FunctionsApplicationBuilder(WebApplicationBuilder web) => _web = web;

    /// <inheritdoc/>
    public IDictionary<object, object> Properties => ((IHostApplicationBuilder)_web).Properties;

    /// <inheritdoc cref="IHostApplicationBuilder.Configuration"/>
    public IConfigurationManager Configuration => _web.Configuration;

    /// <inheritdoc/>
    public IHostEnvironment Environment => _web.Environment;

    /// <inheritdoc/>
    public ILoggingBuilder Logging => _web.Logging;

    /// <inheritdoc/>
    public IMetricsBuilder Metrics => _web.Metrics;

    /// <inheritdoc/>
    public IServiceCollection Services => _web.Services;

    /// <summary>Builds the host: Kestrel in front of the HTTP functions, and the timers.</summary>
    /// <returns>The host, ready to run.</returns>
    /// <exception cref="InvalidOperationException">A function's trigger, parameter or schedule cannot be served; the message names it.</exception>
    public IHost Build()
    {
        if (string.IsNullOrEmpty(_web.Configuration[WebHostDefaults.ServerUrlsKey]))
            _web.WebHost.UseUrls(DefaultUrl);

        var app = _web.Build();
        app.Run(app.Services.GetRequiredService<FunctionRouter>().InvokeAsync);
        return app;
    }

    /// <inheritdoc/>
    public void ConfigureContainer<TContainerBuilder>(
        IServiceProviderFactory<TContainerBuilder> factory, Action<TContainerBuilder>? configure = null)
        where TContainerBuilder : notnull =>
        ((IHostApplicationBuilder)_web).ConfigureContainer(factory, configure);
}
