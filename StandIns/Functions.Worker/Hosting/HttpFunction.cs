using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing.Template;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>A function behind a route.</summary>
internal sealed class HttpFunction
{
    private readonly TemplateMatcher _matcher;
    private readonly string[]? _methods;

    public HttpFunction(Function function, string prefix)
    {
        function.Bind(typeof(HttpRequest), typeof(FunctionContext), typeof(CancellationToken));
        var trigger = function.Trigger<HttpTriggerAttribute>()!;
        if (trigger.AuthLevel != AuthorizationLevel.Anonymous)
            throw new InvalidOperationException($"Function '{function.Name}' asks for a key, which this host does not check.");

        Function = function;
        // The host takes "/" for its root.
        var route = trigger.Route?.Trim('/') ?? function.Name;
        // The host keeps these paths to itself, and disables a function that claims one.
        IsReserved = route.StartsWith("admin", StringComparison.OrdinalIgnoreCase) ||
            route.StartsWith("runtime", StringComparison.OrdinalIgnoreCase);
        Route = prefix.Length == 0 ? route : $"{prefix}/{route}";
        _methods = trigger.Methods is { Length: > 0 } methods ? methods : null;
        // The matcher ignores case and a trailing slash, as the host does.
        _matcher = new TemplateMatcher(TemplateParser.Parse(Route), []);
    }

    public Function Function { get; }

    /// <summary>The route template with the route prefix, without a leading slash.</summary>
    public string Route { get; }

    public bool IsReserved { get; }

    /// <summary>The methods the function answers, for people to read.</summary>
    public string Methods => _methods is null ? "*" : string.Join(',', _methods).ToUpperInvariant();

    /// <summary>Whether the route has no parameter, and so matches one path alone.</summary>
    public bool IsLiteral => _matcher.Template.Parameters.Count == 0;

    public bool TakesMethod(string method) => _methods is null || _methods.Contains(method, StringComparer.OrdinalIgnoreCase);

    public bool TakesPath(PathString path) => _matcher.TryMatch(path, []);
}
