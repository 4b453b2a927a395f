using System.Reflection;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>One method with <see cref="FunctionAttribute"/>, and how to call it.</summary>
internal sealed class Function(string name, MethodInfo method)
{
    private readonly ParameterInfo[] _parameters = method.GetParameters();

    private readonly ObjectFactory? _create =
        method.IsStatic ? null : ActivatorUtilities.CreateFactory(method.DeclaringType!, Type.EmptyTypes);

    public string Name => name;

    public TAttribute? Trigger<TAttribute>() where TAttribute : Attribute =>
        _parameters.Select(parameter => parameter.GetCustomAttribute<TAttribute>()).FirstOrDefault(attribute => attribute is not null);

    /// <summary>Fails when the method asks for a parameter that is not among <paramref name="bindable"/>.</summary>
    public void RequireParametersOf(params Type[] bindable)
    {
        if (_parameters.FirstOrDefault(parameter => !bindable.Contains(parameter.ParameterType)) is { } unknown)
            throw new InvalidOperationException($"Function '{name}' has a parameter '{unknown.Name}' that this host cannot fill.");
    }

    /// <summary>Calls the method with arguments chosen by their types, and awaits a task it returns.</summary>
    /// <returns>The method's or its task's result; null when there is none.</returns>
    public async Task<object?> InvokeAsync(IServiceProvider services, params object[] arguments)
    {
        var values = Array.ConvertAll(_parameters, parameter => arguments.First(parameter.ParameterType.IsInstanceOfType));
        object? result;
        try
        {
            result = method.Invoke(_create?.Invoke(services, null), values);
        }
        catch (TargetInvocationException exception) when (exception.InnerException is not null)
        {
            ExceptionDispatchInfo.Throw(exception.InnerException);
            throw;
        }
        if (result is not Task task)
            return result;
        await task;
        return task.GetType().GetProperty(nameof(Task<object>.Result))?.GetValue(task);
    }
}
