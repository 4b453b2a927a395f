using TokenBroker.Crypto;

namespace TokenBroker.Tests.Crypto;

public sealed class KeyRingTests
{
    private static readonly DateTimeOffset Rotation = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly ProtectionKey Old = ProtectionKey.New();
    private static readonly ProtectionKey New = ProtectionKey.New();
    private static readonly KeyRing Ring = new([(New, Rotation), (Old, Rotation.AddYears(-1))]);

    [Fact]
    public void A_single_version_protects_at_once() => Assert.Same(New, new KeyRing([(New, Rotation)]).Current(Rotation));

    [Fact]
    public void A_new_version_waits_until_every_instance_has_read_it()
    {
        Assert.Same(Old, Ring.Current(Rotation));
        Assert.Same(Old, Ring.Current(Rotation + KeyRing.ActivationDelay - TimeSpan.FromSeconds(1)));
        Assert.Same(New, Ring.Current(Rotation + KeyRing.ActivationDelay));
    }

    [Fact]
    public void A_grant_is_looked_for_under_one_version_but_around_a_rotation()
    {
        Assert.Equal([Old], Ring.Candidates(Rotation));
        Assert.Equal([Old, New], Ring.Candidates(Rotation + KeyRing.ActivationDelay - TimeSpan.FromMinutes(2)));
        Assert.Equal([New, Old], Ring.Candidates(Rotation + KeyRing.ActivationDelay + TimeSpan.FromMinutes(2)));
        Assert.Equal([New], Ring.Candidates(Rotation + KeyRing.ActivationDelay + TimeSpan.FromHours(1)));
    }
}
