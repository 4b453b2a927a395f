namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>An invocation, by HTTP or by a timer.</summary>
internal sealed class InvocationContext(Func<string> headers, CancellationToken cancellation) : FunctionContext
{
    public override BindingContext BindingContext => field ??= new HeaderBinding(headers());

    public override CancellationToken CancellationToken => cancellation;

    private sealed class HeaderBinding(string headers) : BindingContext
    {
        public override IReadOnlyDictionary<string, object?> BindingData { get; } = new Dictionary<string, object?> { ["Headers"] = headers };
    }
}
