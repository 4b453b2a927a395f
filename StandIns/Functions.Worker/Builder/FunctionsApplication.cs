using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace Microsoft.Azure.Functions.Worker.Builder;

/// <summary>Where a function app's program begins.</summary>
public static class FunctionsApplication
{
    /// <summary>Creates a builder with configuration from the environment, the settings files and the command line.</summary>
    /// <param name="args">The command line; <c>--urls</c> says where Kestrel listens (default <c>http://localhost:7071</c>).</param>
    /// <returns>The builder.</returns>
    public static FunctionsApplicationBuilder CreateBuilder(string[] args)
    {
        // No more than this host needs: it has neither IIS nor endpoint routing.
        var web = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        web.WebHost.UseKestrelHttpsConfiguration();
        return new(web);
    }
}
