using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Endpoints;

public sealed class HealthTests
{
    [Fact]
    public async Task A_broker_whose_storage_and_secrets_answer_is_ready()
    {
        await using var broker = await Broker.StartAsync(await Broker.NewTableStoreAsync());
        using var game = broker.NewGame();
        var reply = await game.GetAsync("/health");
        Assert.Equal((200, "ready", "ok", "ok"), (reply.Status, reply.Text("status"), reply.Text("storage"), reply.Text("secrets")));
        Assert.Matches(@"^\d+\.\d+\.\d+", reply.Text("version"));
    }

    [Fact]
    public async Task However_often_it_is_asked_storage_is_asked_once_in_five_seconds()
    {
        var counter = new OperationCounter();
        await using var broker = await Broker.StartAsync(await Broker.NewTableStoreAsync(counter));
        using var game = broker.NewGame();
        counter.Reset();
        for (var number = 0; number < 10; number++)
            await game.GetAsync("/health");
        Assert.Equal(3, counter.Operations.Count);
        broker.Time.Advance(TimeSpan.FromSeconds(5));
        await game.GetAsync("/health");
        Assert.Equal(6, counter.Operations.Count);
    }
}
