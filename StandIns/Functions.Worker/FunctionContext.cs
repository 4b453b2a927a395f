namespace Microsoft.Azure.Functions.Worker;

/// <summary>One invocation of a function.</summary>
public abstract class FunctionContext
{
    /// <summary>What the host sent along with the invocation.</summary>
    public abstract BindingContext BindingContext { get; }

    /// <summary>Cancelled when the host stops or the caller has gone.</summary>
    public abstract CancellationToken CancellationToken { get; }
}

/// <summary>What the host sent along with an invocation.</summary>
public abstract class BindingContext
{
    /// <summary>Trigger data by name; <c>Headers</c> holds the caller's headers as one JSON object.</summary>
    public abstract IReadOnlyDictionary<string, object?> BindingData { get; }
}
