namespace TokenBroker.Tests.Infrastructure;

/// <summary>For what happens on another thread and gives no sign: yields until it has, and fails after ten seconds.</summary>
internal static class Wait
{
    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (!await condition())
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
