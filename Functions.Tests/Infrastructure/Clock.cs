using Microsoft.Extensions.Time.Testing;

namespace TokenBroker.Tests.Infrastructure;

internal static class Clock
{
    /// <summary>A clock that stands still until a test moves it.</summary>
    public static FakeTimeProvider New() => new(new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));
}
