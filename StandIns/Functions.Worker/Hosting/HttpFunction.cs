using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.AspNetCore.Routing.Template;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>A function behind a route.</summary>
internal sealed class HttpFunction
{
    private readonly TemplateMatcher _matcher;
    private readonly Lazy<List<(string Parameter, IRouteConstraint Constraint)>> _constraints;
    private readonly string[]? _methods;

    public HttpFunction(Function function, string prefix)
    {
        function.Bind(typeof(HttpRequest), typeof(FunctionContext), typeof(CancellationToken));
        var trigger = function.Trigger<HttpTriggerAttribute>()!;
        if (trigger.AuthLevel != AuthorizationLevel.Anonymous)
            throw new InvalidOperationException($"Function '{function.Name}' asks for a key, which this host does not check.");

        Function = function;
        var route = trigger.Route ?? function.Name;
        // The host keeps these paths to itself, and disables a function that claims one.
        IsReserved = route.StartsWith("admin", StringComparison.OrdinalIgnoreCase) ||
            route.StartsWith("runtime", StringComparison.OrdinalIgnoreCase);
        Route = prefix.Length == 0 ? route : $"{prefix}/{route}";
        _methods = trigger.Methods is { Length: > 0 } methods ? methods : null;
        // As the worker parses it, which fails for a route that begins with a slash.
        var pattern = RoutePatternFactory.Parse($"{prefix}/{route}");
        // The matcher ignores case and a trailing slash, as the host does.
        _matcher = new TemplateMatcher(new RouteTemplate(pattern), []);
        _constraints = new(() => [.. pattern.ParameterPolicies.SelectMany(parameter => parameter.Value.Select(policy => (parameter.Key, Constraint(policy))))]);
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

    public bool TakesPath(PathString path)
    {
        var values = new RouteValueDictionary();
        // An optional parameter that is missing meets every constraint.
        return _matcher.TryMatch(path, values) && _constraints.Value.TrueForAll(rule =>
            values[rule.Parameter] is null || rule.Constraint.Match(null, null, rule.Parameter, values, RouteDirection.IncomingRequest));
    }

    private static IRouteConstraint Constraint(RoutePatternParameterPolicyReference policy) =>
        new DefaultInlineConstraintResolver(Options.Create(new RouteOptions()), new ServiceCollection().BuildServiceProvider()).ResolveConstraint(policy.Content!)
        ?? throw new InvalidOperationException($"The route constraint '{policy.Content}' is unknown.");
}
