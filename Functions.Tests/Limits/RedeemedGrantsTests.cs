using TokenBroker.Limits;
using TokenBroker.Sessions;

namespace TokenBroker.Tests.Limits;

public sealed class RedeemedGrantsTests
{
    [Fact]
    public void A_redeemed_grant_is_known_and_no_other_is()
    {
        var redeemed = new RedeemedGrants();
        for (ulong number = 1; number <= 1000; number++)
            redeemed.Add(Grant(number));
        for (ulong number = 1; number <= 1000; number++)
        {
            Assert.True(redeemed.Contains(Grant(number)));
            Assert.False(redeemed.Contains(Grant(number + 1000)));
        }
    }

    [Fact]
    public void A_million_redeemed_grants_take_no_more_memory_than_one()
    {
        var redeemed = new RedeemedGrants();
        redeemed.Add(Grant(0));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (ulong number = 1; number <= 1_000_000; number++)
            redeemed.Add(Grant(number));
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.True(redeemed.Contains(Grant(1_000_000)));
    }

    private static GrantKey Grant(ulong number) => new(new Digest(number, number));
}
