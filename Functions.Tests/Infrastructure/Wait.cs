namespace TokenBroker.Tests.Infrastructure;

/// <summary>
/// For what happens on another thread and gives no sign: looks until it has, leaves the processor to it meanwhile, and fails after a
/// minute.
/// </summary>
internal static class Wait
{
    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!await condition())
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Delay(TimeSpan.FromMilliseconds(5), limit.Token);
        }
    }
}
