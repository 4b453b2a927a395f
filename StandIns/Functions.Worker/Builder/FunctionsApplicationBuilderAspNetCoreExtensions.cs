using Microsoft.Azure.Functions.Worker.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Microsoft.Azure.Functions.Worker.Builder;

/// <summary>ASP.NET Core integration of a function app.</summary>
public static class FunctionsApplicationBuilderAspNetCoreExtensions
{
    /// <summary>Lets functions take an <c>HttpRequest</c> and return an <c>IResult</c>.</summary>
    /// <param name="builder">The app's builder.</param>
    /// <returns>The same builder.</returns>
    public static FunctionsApplicationBuilder ConfigureFunctionsWebApplication(this FunctionsApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddSingleton(FunctionAssemblies.OfEntryAssembly());
        builder.Services.AddSingleton<FunctionCatalog>();
        builder.Services.AddSingleton<FunctionRouter>();
        builder.Services.AddSingleton<IHostedService, TimerHost>();
        return builder;
    }
}
