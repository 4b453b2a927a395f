using System.Diagnostics.CodeAnalysis;

namespace TokenBroker;

/// <summary>What was asked for, or why there is none: an expected failure is a value.</summary>
/// <typeparam name="T">What was asked for.</typeparam>
/// <typeparam name="TFailure">The reasons why there may be none.</typeparam>
/// <param name="Value">What was asked for; null on failure.</param>
/// <param name="Failure">Why there is none; null on success.</param>
public sealed record Result<T, TFailure>(T? Value, TFailure? Failure)
    where T : class
    where TFailure : struct, Enum
{
    /// <summary>Whether there is a value.</summary>
    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Failure))]
    public bool Succeeded => Value is not null;

    /// <summary>Success.</summary>
    /// <param name="value">What was asked for.</param>
    public static implicit operator Result<T, TFailure>(T value) => new(value, null);

    /// <summary>Failure.</summary>
    /// <param name="failure">Why there is none.</param>
    public static implicit operator Result<T, TFailure>(TFailure failure) => new(null, failure);

    /// <summary>Shows nothing of the value, which may be a secret.</summary>
    /// <returns>The failure, or a fixed word.</returns>
    public override string ToString() => Failure?.ToString() ?? nameof(Succeeded);
}
