using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>One method with <see cref="FunctionAttribute"/>, and how to call it.</summary>
internal sealed class Function(string name, MethodInfo method)
{
    private readonly ParameterInfo[] _parameters = method.GetParameters();
    private readonly MethodInvoker _invoker = MethodInvoker.Create(method);
    private int[] _arguments = [];

    public string Name => name;

    public TAttribute? Trigger<TAttribute>() where TAttribute : Attribute =>
        _parameters.Select(parameter => parameter.GetCustomAttribute<TAttribute>()).FirstOrDefault(attribute => attribute is not null);

    /// <summary>Decides which argument fills which parameter; fails when the method asks for a type that is not among <paramref name="bindable"/>.</summary>
    public void Bind(params Type[] bindable)
    {
        _arguments = Array.ConvertAll(_parameters, parameter => Array.IndexOf(bindable, parameter.ParameterType));
        if (_parameters.FirstOrDefault(parameter => !bindable.Contains(parameter.ParameterType)) is { } unknown)
            throw new InvalidOperationException($"Function '{name}' has a parameter '{unknown.Name}' that this host cannot fill.");
    }

    /// <summary>Calls the method with its arguments out of those that were bound, and awaits a task it returns.</summary>
    /// <returns>The method's or its task's result, where the task's is a reference; null when there is none.</returns>
    public async Task<object?> InvokeAsync(IServiceProvider services, params object[] arguments)
    {
        var instance = method.IsStatic ? null : ActivatorUtilities.CreateInstance(services, method.DeclaringType!);
        var result = _invoker.Invoke(instance, Array.ConvertAll(_arguments, index => arguments[index]).AsSpan()!);
        switch (result)
        {
            case Task<IResult> answer:
                return await answer;
            case Task task:
                await task;
                return task.GetType().GetProperty(nameof(Task<object>.Result))?.GetValue(task);
            default:
                return result;
        }
    }
}
