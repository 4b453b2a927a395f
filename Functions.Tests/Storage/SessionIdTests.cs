using TokenBroker.Crypto;
using TokenBroker.SignIns;
using TokenBroker.Storage;

namespace TokenBroker.Tests.Storage;

public sealed class SessionIdTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, 123, TimeSpan.Zero);

    [Fact]
    public void An_id_survives_its_text()
    {
        var id = SessionId.New(Now);
        var read = SessionId.TryParse(id.Text)!;
        Assert.Equal(id.Text, read.Text);
        Assert.Equal(Now, read.BeganAt);
        Assert.Equal(id.RowKey, read.RowKey);
        Assert.Equal(id.State, read.State);
        Assert.Equal(id.CodeVerifier, read.CodeVerifier);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("short")]
    [InlineData("zzzzzzzzzzzzAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("01a1ff91767bAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA!")]
    [InlineData("01a1ff91767bAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB")]
    [InlineData("01A1FF91767BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("ffffffffffffAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void Other_text_is_no_id(string? text) => Assert.Null(SessionId.TryParse(text));

    [Fact]
    public void What_follows_from_an_id_does_not_tell_it_or_one_another()
    {
        var id = SessionId.New(Now);
        string[] derived = [id.Text[12..], id.State[12..], id.CodeVerifier, id.RowKey, AccessCode.Of(id).Text,
            DeviceCode.TokenSecretOf(id)];
        Assert.Equal(derived.Length, derived.Distinct().Count());
        Assert.True(Pkce.IsVerifier(id.CodeVerifier));
        Assert.DoesNotContain(id.Text, id.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_follows_from_an_id_follows_from_its_time_too()
    {
        var id = SessionId.New(Now);
        var moved = SessionId.TryParse(SessionId.New(Now.AddMilliseconds(1)).Text[..12] + id.Text[12..])!;
        Assert.NotEqual(id.State[12..], moved.State[12..]);
        Assert.NotEqual(id.CodeVerifier, moved.CodeVerifier);
        Assert.NotEqual(AccessCode.Of(id).Text, AccessCode.Of(moved).Text);
    }

    [Fact]
    public void Only_its_own_state_is_its_state()
    {
        var id = SessionId.New(Now);
        Assert.True(id.IsState(id.State));
        Assert.False(id.IsState(SessionId.New(Now).State));
        Assert.False(id.IsState(id.State + "A"));
        Assert.False(id.IsState(""));
        Assert.False(id.IsState(null));
    }

    [Fact]
    public void A_state_tells_when_its_session_ended()
    {
        var state = SessionId.New(Now).State;
        Assert.False(SessionId.IsExpiredState(state, Now + TimeSpan.FromMinutes(5) - TimeSpan.FromMilliseconds(1)));
        Assert.True(SessionId.IsExpiredState(state, Now + TimeSpan.FromMinutes(5)));
        Assert.False(SessionId.IsExpiredState("nonsense", Now + TimeSpan.FromDays(1)));
        Assert.False(SessionId.IsExpiredState(null, Now));
    }

    [Fact]
    public void The_partition_is_the_time_bucket_and_the_shard_of_the_hash()
    {
        var row = TableRows.From(Session.Begin(SessionId.New(Now), "studio", []));
        Assert.Equal(64, row.RowKey.Length);
        Assert.Equal($"{Now.ToUnixTimeSeconds() / 300:x8}{row.RowKey[..2]}", row.PartitionKey);
    }

    [Fact]
    public void The_range_of_expired_buckets_ends_behind_the_bucket_in_which_sessions_expire_now()
    {
        var old = TableRows.TimeBucket(Now - Session.Lifetime);
        var live = TableRows.TimeBucket(Now);
        Assert.True(string.CompareOrdinal(old + "ff", live) < 0);
        Assert.True(string.CompareOrdinal(live + "00", live) >= 0);
    }
}
