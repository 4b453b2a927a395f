using System.Reflection;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>
/// The assemblies whose functions are served. The real host serves the app's entry assembly and what it references;
/// a test host or <c>Local</c> registers its own choice.
/// </summary>
internal sealed record FunctionAssemblies(params Assembly[] Assemblies)
{
    internal static FunctionAssemblies OfEntryAssembly()
    {
        var entry = Assembly.GetEntryAssembly();
        if (entry is null)
            return new();
        var worker = typeof(FunctionAttribute).Assembly.GetName().Name;
        var referenced = entry.GetReferencedAssemblies().Select(Assembly.Load)
            .Where(assembly => assembly.GetReferencedAssemblies().Any(name => name.Name == worker));
        return new([entry, .. referenced]);
    }
}
