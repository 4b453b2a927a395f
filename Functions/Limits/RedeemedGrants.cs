using TokenBroker.Sessions;

namespace TokenBroker.Limits;

/// <summary>
/// The grants that were redeemed here lately. Half a megabyte, however many players sign in: a grant takes the place of an earlier one.
/// At a hundred a second, nine of ten are still known after a minute, and six of ten after five.
/// </summary>
internal sealed class RedeemedGrants
{
    private const int Slots = 1 << 16;
    private readonly ulong[] _marks = new ulong[Slots];

    public void Add(GrantKey grant) => Volatile.Write(ref _marks[Slot(grant)], Mark(grant));

    public bool Contains(GrantKey grant) => Volatile.Read(ref _marks[Slot(grant)]) == Mark(grant);

    // Both halves are evenly random. That another grant has the same mark in the same slot happens once in 2^64 times.
    private static int Slot(GrantKey grant) => (int)(uint)(grant.Hash.High & (Slots - 1));

    private static ulong Mark(GrantKey grant) => (ulong)grant.Hash.Low;
}
