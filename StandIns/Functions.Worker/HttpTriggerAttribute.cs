namespace Microsoft.Azure.Functions.Worker;

/// <summary>Marks the parameter that receives the HTTP request which triggers the function.</summary>
/// <param name="authLevel">Which key the host asks of the caller.</param>
/// <param name="methods">The HTTP methods that the function answers; any other gets 404.</param>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class HttpTriggerAttribute(AuthorizationLevel authLevel, params string[] methods) : Attribute
{
    /// <summary>The route template below the route prefix; the function's name when null.</summary>
    public string? Route { get; set; }

    /// <summary>The HTTP methods that the function answers.</summary>
    public string[]? Methods { get; } = methods;

    /// <summary>Which key the host asks of the caller.</summary>
    public AuthorizationLevel AuthLevel { get; } = authLevel;
}

/// <summary>Which key the host asks of the caller of an HTTP function.</summary>
public enum AuthorizationLevel
{
    /// <summary>None.</summary>
    Anonymous,

    /// <summary>A user's token.</summary>
    User,

    /// <summary>The function's key.</summary>
    Function,

    /// <summary>A system key.</summary>
    System,

    /// <summary>The master key.</summary>
    Admin,
}
