using TokenBroker.Client;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Client;

/// <summary>Real HTTP to a broker, and its clock: whoever waits moves it.</summary>
internal sealed class BrokerPlatform(Broker broker) : IPlatform
{
    private readonly HttpClientPlatform _http = new();

    public DateTimeOffset Now => broker.Time.GetUtcNow();

    /// <summary>What happens while the game waits for the first time: the player signs in.</summary>
    public Func<Task>? Meanwhile { get; set; }

    /// <summary>How long the game waited, time by time.</summary>
    public List<TimeSpan> Waits { get; } = [];

    public async Task DelayAsync(TimeSpan time, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        // Off the caller's thread, as a timer would be.
        await Task.Run(static () => { }, CancellationToken.None).ConfigureAwait(false);
        Waits.Add(time);
        broker.Time.Advance(time);
        if (Meanwhile is not { } meanwhile)
            return;
        Meanwhile = null;
        await meanwhile().ConfigureAwait(false);
    }

    public Task<BrokerResponse> SendAsync(BrokerRequest request, CancellationToken cancellation) =>
        _http.SendAsync(request, cancellation);
}
