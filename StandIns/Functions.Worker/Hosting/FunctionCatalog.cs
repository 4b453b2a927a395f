using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>The app's functions in the host's order: alphabetical by name.</summary>
internal sealed class FunctionCatalog
{
    /// <summary>Finds the functions of the app, less those that <c>AzureWebJobs.{name}.Disabled</c> turns off.</summary>
    public FunctionCatalog(FunctionAssemblies assemblies, IConfiguration configuration)
    {
        var functions =
            from assembly in assemblies.Assemblies
            from type in assembly.GetExportedTypes()
            from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
            let attribute = method.GetCustomAttribute<FunctionAttribute>()
            where attribute is not null && !configuration.GetValue<bool>($"AzureWebJobs.{attribute.Name}.Disabled")
            orderby attribute.Name.ToUpperInvariant()
            select new Function(attribute.Name, method);

        var all = functions.ToList();
        if (all.GroupBy(function => function.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new InvalidOperationException($"Two functions are named '{twice.Key}'.");

        var prefix = HostJson.RoutePrefix();
        Http = [.. all.Where(function => function.Trigger<HttpTriggerAttribute>() is not null)
            .Select(function => new HttpFunction(function, prefix)).Where(function => !function.IsReserved)];
        Timers = [.. all.Where(function => function.Trigger<TimerTriggerAttribute>() is not null)
            .Select(function => new TimerFunction(function, configuration))];

        if (all.Count > all.Count(function => function.Trigger<HttpTriggerAttribute>() is not null) + Timers.Count)
            throw new InvalidOperationException("Every function needs an HTTP or a timer trigger.");
    }

    public IReadOnlyList<HttpFunction> Http { get; }

    public IReadOnlyList<TimerFunction> Timers { get; }
}
