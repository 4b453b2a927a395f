using TokenBroker.OAuth;
using TokenBroker.Sessions;

namespace TokenBroker.Tests.Sessions;

public sealed class SessionIdTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, 123, TimeSpan.Zero);

    [Fact]
    public void An_id_survives_its_text()
    {
        var id = SessionId.New(Now);
        var read = SessionId.TryParse(id.Text)!;
        Assert.Equal(id.Text, read.Text);
        Assert.Equal(Now, read.CreatedAt);
        Assert.Equal(id.Key, read.Key);
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
        string[] derived = [id.Text[12..], id.State[12..], id.CodeVerifier, id.Key.RowKey, id.AccessCode(0).Text, id.AccessCode(1).Text];
        Assert.Equal(derived.Length, derived.Distinct().Count());
        Assert.True(Pkce.IsVerifier(id.CodeVerifier));
        Assert.DoesNotContain(id.Text, id.ToString(), StringComparison.Ordinal);
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
        var key = SessionId.New(Now).Key;
        Assert.Equal(64, key.RowKey.Length);
        Assert.Equal($"{Now.ToUnixTimeSeconds() / 300:x8}{key.RowKey[..2]}", key.PartitionKey);
    }

    [Theory]
    [InlineData("00000000000000000000000000000000ffffffffffffffffffffffffffffffff", 0u)]
    [InlineData("0f0123456789abcdef0123456789abcdef0123456789abcdef0123456789abc0", uint.MaxValue)]
    public void A_key_is_read_back_from_its_row(string row, uint bucket)
    {
        var key = new SessionKey(bucket, Digest.Of(Convert.FromHexString(row)));

        Assert.Equal(row, key.RowKey);
        Assert.Equal($"{bucket:x8}{row[..2]}", key.PartitionKey);
        Assert.Equal(key, SessionKey.Parse(key.PartitionKey, key.RowKey));
        Assert.Equal(new GrantKey(key.Hash), GrantKey.Parse(row));
        Assert.Equal(row[..2], new GrantKey(key.Hash).PartitionKey);
    }

    [Fact]
    public void The_range_of_expired_buckets_ends_behind_the_bucket_in_which_sessions_expire_now()
    {
        var old = SessionId.New(Now - Session.Lifetime).Key;
        var live = SessionId.New(Now).Key;
        var end = SessionKey.AfterBucketOf(Now - Session.Lifetime);
        Assert.True(string.CompareOrdinal(old.PartitionKey, end) < 0);
        Assert.True(string.CompareOrdinal(live.PartitionKey, end) >= 0);
    }
}
