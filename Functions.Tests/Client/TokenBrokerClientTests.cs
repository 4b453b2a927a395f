using Microsoft.AspNetCore.Http;
using TokenBroker.Client;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Client;

/// <summary>The game's library against the whole broker over real Kestrel.</summary>
public sealed class TokenBrokerClientTests
{
    public static TheoryData<string, string[]> Providers => new()
    {
        { "lifescope", ["basic", "events:read"] }, { "aura", [] }, { "webroot", ["ECom.Shop"] }, { "tachi", [] },
            { "wishtack", ["read"] },
    };

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task A_player_signs_in_with_an_access_code(string app, string[] scopes)
    {
        await using var broker = await Broker.StartAsync(await Broker.NewTableStoreAsync());
        var client = new TokenBrokerClient(broker.Url, app, platform: new BrokerPlatform(broker));
        var signIn = client.SignInWithAccessCode(scopes);
        using var browser = broker.NewBrowser();
        var code = await browser.SignInAsync(signIn.Address.PathAndQuery);
        // PKCE is inside: the code alone is worth nothing.
        using var thief = broker.NewGame();
        Assert.Equal("invalid_grant", (await thief.ExchangeAsync(code)).Error);

        var tokens = await signIn.CompleteAsync($" {code[..4]}-{code[4..]} ");

        Assert.Equal(tokens.AccessToken, await client.GetAccessTokenAsync());
        Assert.True(await client.IsSignedInAsync());
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task A_player_signs_in_by_the_device_flow(string app, string[] scopes)
    {
        await using var broker = await Broker.StartAsync(await Broker.NewTableStoreAsync());
        using var browser = broker.NewBrowser();
        var platform = new BrokerPlatform(broker);
        var client = new TokenBrokerClient(broker.Url, app, platform: platform);
        DevicePrompt? shown = null;
        platform.Meanwhile = async () => await browser.SignDeviceInAsync(await LinkAsync(() => shown));

        var tokens = await client.SignInWithDeviceAsync(prompt => shown = prompt, default, scopes);

        Assert.Equal(new Uri(broker.Url, "/device"), shown!.Address);
        Assert.Equal(platform.Now + TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(5), shown.ExpiresAt);
        using var game = broker.NewGame();
        Assert.Equal(200, (await game.GetAsync(shown.Picture.PathAndQuery)).Status);
        Assert.Equal([TimeSpan.FromSeconds(5)], platform.Waits);
        Assert.Equal(tokens.AccessToken, await client.GetAccessTokenAsync());
    }

    [Fact]
    public async Task A_game_that_starts_with_an_expired_token_plays_on()
    {
        await using var broker = await Broker.StartAsync();
        var store = new MemoryTokenStore();
        await SignInAsync(broker, "aura", store);
        var old = await new TokenBrokerClient(broker.Url, "aura", store, new BrokerPlatform(broker)).GetAccessTokenAsync();
        broker.Time.Advance(TimeSpan.FromDays(800));

        // Started again: everything it knows is in the store.
        var client = new TokenBrokerClient(broker.Url, "aura", store, new BrokerPlatform(broker));
        var profile = await client.GetUserInfoAsync();

        Assert.Equal("ada", profile["data"]!["first_name"]!.ToString());
        Assert.NotEqual(old, await client.GetAccessTokenAsync());
        // Refreshed once, and kept.
        Assert.Equal(await client.GetAccessTokenAsync(),
            await new TokenBrokerClient(broker.Url, "aura", store, new BrokerPlatform(broker))
            .GetAccessTokenAsync());
    }

    [Fact]
    public async Task A_hundred_callers_at_once_cause_one_renewal_a_minute_before_the_end()
    {
        await using var broker = await Broker.StartAsync();
        var client = await SignInAsync(broker, "wishtack", new MemoryTokenStore(), "read");
        var platform = new BrokerPlatform(broker);
        var first = await client.GetAccessTokenAsync();
        var before = broker.Emulator("wishtack").TokenRequests;
        broker.Time.Advance(TimeSpan.FromDays(30) - TimeSpan.FromSeconds(61));
        Assert.Equal(first, await client.GetAccessTokenAsync());
        broker.Time.Advance(TimeSpan.FromSeconds(1));

        var tokens = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => client.GetAccessTokenAsync())));

        Assert.NotEqual(first, Assert.Single(tokens.Distinct()));
        Assert.Equal(before + 1, broker.Emulator("wishtack").TokenRequests);
    }

    [Fact]
    public async Task One_caller_that_gives_up_takes_the_renewal_from_no_other()
    {
        await using var broker = await Broker.StartAsync();
        var client = await SignInAsync(broker, "wishtack", new MemoryTokenStore(), "read");
        broker.Time.Advance(TimeSpan.FromDays(30));
        var arrived = new TaskCompletionSource();
        var released = new TaskCompletionSource();
        broker.Emulator("wishtack").Misbehaviour = async http =>
        {
            arrived.SetResult();
            await released.Task;
            await broker.Emulator("wishtack").AnswerAsync(http);
        };
        using var patience = new CancellationTokenSource();
        var impatient = client.GetAccessTokenAsync(patience.Token);
        var patient = client.GetAccessTokenAsync();
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        released.SetResult();
        Assert.NotEmpty(await patient);
    }

    [Fact]
    public async Task Signing_out_forgets_and_revokes()
    {
        await using var broker = await Broker.StartAsync();
        var store = new MemoryTokenStore();
        var client = await SignInAsync(broker, "wishtack", store, "read");
        var refreshToken = Newtonsoft.Json.Linq.JObject.Parse((await store.LoadAsync())!)["refresh_token"]!.ToString();

        await client.SignOutAsync();

        Assert.False(await client.IsSignedInAsync());
        Assert.Null(await store.LoadAsync());
        Assert.Equal(TokenBrokerError.SignedOut, await ErrorAsync(() => client.GetAccessTokenAsync()));
        using var game = broker.NewGame();
        Assert.Equal("invalid_grant", (await game.RefreshAsync("wishtack", refreshToken)).Error);
    }

    [Fact]
    public async Task What_goes_wrong_is_told_by_what_the_game_does_about_it()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        var platform = new BrokerPlatform(broker);
        var client = new TokenBrokerClient(broker.Url, "lifescope", platform: platform);
        DevicePrompt? shown = null;
        Task<Tokens> DeviceAsync() => client.SignInWithDeviceAsync(prompt => shown = prompt, default, "basic");

        platform.Meanwhile = async () =>
            await browser.AnswerDeviceAsync(await browser.OpenAsync(await LinkAsync(() => shown)), "decline");
        Assert.Equal(TokenBrokerError.Declined, await ErrorAsync(DeviceAsync));
        Assert.Equal(TokenBrokerError.Expired, await ErrorAsync(DeviceAsync));
        Assert.Equal(TokenBrokerError.Misconfigured,
            await ErrorAsync(() => new TokenBrokerClient(broker.Url, "nobody", platform: platform)
                .SignInWithDeviceAsync(_ => { }, default)));
        Assert.Equal(TokenBrokerError.Misconfigured, await ErrorAsync(() => client.SignInWithDeviceAsync(_ => { }, default, "steal")));
        broker.LifeScope.Misbehaviour = http => http.Response.Body.WriteAsync("<html>"u8.ToArray()).AsTask();
        shown = null;
        platform.Meanwhile = async () => await browser.SignDeviceInAsync(await LinkAsync(() => shown));
        Assert.Equal(TokenBrokerError.ProviderTrouble, await ErrorAsync(DeviceAsync));
        broker.LifeScope.Misbehaviour = null;
        Assert.Equal(TokenBrokerError.SignedOut, await ErrorAsync(() => client.GetAccessTokenAsync()));

        var signIn = client.SignInWithAccessCode("basic");
        for (var guess = 0; guess < 10; guess++)
            Assert.Equal(TokenBrokerError.InvalidCode, await ErrorAsync(() => signIn.CompleteAsync(Codes.New().Text)));
        var stopped = await Assert.ThrowsAsync<TokenBrokerException>(() => signIn.CompleteAsync(Codes.New().Text));
        Assert.Equal((TokenBrokerError.TooManyAttempts, TimeSpan.FromMinutes(5)), (stopped.Error, stopped.RetryAfter));
        Assert.Equal(TokenBrokerError.Offline, await ErrorAsync(() =>
            new TokenBrokerClient(new($"http://127.0.0.1:{Ports.Free()}"), "any").SignInWithAccessCode().CompleteAsync("a2B3c4D5")));
        Assert.Throws<ArgumentException>(() => new TokenBrokerClient(new("http://broker.example.com"), "any"));
    }

    [Fact]
    public async Task A_refused_renewal_means_signing_in_again_and_trouble_means_trying_later()
    {
        await using var broker = await Broker.StartAsync();
        var store = new MemoryTokenStore();
        var client = await SignInAsync(broker, "wishtack", store, "read");
        broker.Time.Advance(TimeSpan.FromDays(30));
        broker.Emulator("wishtack").Misbehaviour = http =>
        {
            http.Response.StatusCode = 503;
            return Task.CompletedTask;
        };
        Assert.Equal(TokenBrokerError.ProviderTrouble, await ErrorAsync(() => client.GetAccessTokenAsync()));
        Assert.True(await client.IsSignedInAsync());
        broker.Emulator("wishtack").Misbehaviour = http => http.Response.WriteAsJsonAsync(new { error = "invalid_grant" });
        Assert.Equal(TokenBrokerError.SignedOut, await ErrorAsync(() => client.GetAccessTokenAsync()));
        // What is dead is forgotten, so that the usual "signed in? else sign in" works, now and after the next start.
        Assert.False(await client.IsSignedInAsync());
        Assert.False(await new TokenBrokerClient(broker.Url, "wishtack", store, new BrokerPlatform(broker)).IsSignedInAsync());
    }

    [Fact]
    public async Task A_token_that_cannot_be_renewed_just_now_is_used_to_its_end()
    {
        await using var broker = await Broker.StartAsync();
        var client = await SignInAsync(broker, "wishtack", new MemoryTokenStore(), "read");
        var token = await client.GetAccessTokenAsync();
        broker.Time.Advance(TimeSpan.FromDays(30) - TimeSpan.FromSeconds(30));
        broker.Emulator("wishtack").Misbehaviour = http =>
        {
            http.Response.StatusCode = 503;
            return Task.CompletedTask;
        };
        Assert.Equal(token, await client.GetAccessTokenAsync());
        broker.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(TokenBrokerError.ProviderTrouble, await ErrorAsync(() => client.GetAccessTokenAsync()));
        broker.Emulator("wishtack").Misbehaviour = null;
        Assert.NotEqual(token, await client.GetAccessTokenAsync());
    }

    [Fact]
    public async Task Signing_out_while_the_token_is_refreshed_leaves_nothing_alive()
    {
        await using var broker = await Broker.StartAsync();
        var store = new MemoryTokenStore();
        var client = await SignInAsync(broker, "wishtack", store, "read");
        broker.Time.Advance(TimeSpan.FromDays(30));
        var arrived = new TaskCompletionSource();
        var released = new TaskCompletionSource();
        broker.Emulator("wishtack").Misbehaviour = async http =>
        {
            arrived.SetResult();
            await released.Task;
            await broker.Emulator("wishtack").AnswerAsync(http);
        };
        var refreshing = client.GetAccessTokenAsync();
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await client.SignOutAsync();
        released.SetResult();

        Assert.Equal(TokenBrokerError.SignedOut, await ErrorAsync(() => refreshing));
        Assert.Null(await store.LoadAsync());
        Assert.False(await client.IsSignedInAsync());
    }

    [Fact]
    public async Task Another_player_s_renewal_is_none_for_the_one_who_signed_in_since()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        var client = await SignInAsync(broker, "wishtack", new MemoryTokenStore(), "read");
        var arrived = new TaskCompletionSource();
        var released = new TaskCompletionSource();
        var signIn = client.SignInWithAccessCode("read");
        var code = await browser.SignInAsync(signIn.Address.PathAndQuery, "grace");
        var first = true;
        broker.Emulator("wishtack").Misbehaviour = async http =>
        {
            if (first)
            {
                first = false;
                arrived.SetResult();
                await released.Task;
            }
            await broker.Emulator("wishtack").AnswerAsync(http);
        };
        var old = client.RefreshAsync();
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(30));
        var second = await signIn.CompleteAsync(code);

        var refreshed = await client.RefreshAsync();

        Assert.NotEqual(second.AccessToken, refreshed);
        released.SetResult();
        Assert.Equal(TokenBrokerError.SignedOut, await ErrorAsync(() => old));
        Assert.Equal(refreshed, await client.GetAccessTokenAsync());
    }

    [Fact]
    public async Task A_store_that_fails_costs_nobody_a_token()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        var client = new TokenBrokerClient(broker.Url, "wishtack", new BrokenTokenStore(), new BrokerPlatform(broker));
        var failures = 0;
        client.StoreFailed += exception =>
        {
            Assert.IsType<IOException>(exception);
            failures++;
        };
        var signIn = client.SignInWithAccessCode("read");
        var tokens = await signIn.CompleteAsync(await browser.SignInAsync(signIn.Address.PathAndQuery));
        Assert.Equal(tokens.AccessToken, await client.GetAccessTokenAsync());
        broker.Time.Advance(TimeSpan.FromDays(30));
        Assert.NotEqual(tokens.AccessToken, await client.GetAccessTokenAsync());
        await client.SignOutAsync();
        Assert.False(await client.IsSignedInAsync());
        Assert.Equal(3, failures);
    }

    [Fact]
    public async Task A_provider_that_ends_a_token_early_costs_one_renewal()
    {
        await using var broker = await Broker.StartAsync();
        var store = new MemoryTokenStore();
        await SignInAsync(broker, "aura", store);
        var ended = (await new TokenBrokerClient(broker.Url, "aura", store, new BrokerPlatform(broker)).GetAccessTokenAsync())!;
        var client = new TokenBrokerClient(broker.Url, "aura", store, new RefusingPlatform(new BrokerPlatform(broker), ended));
        var before = broker.Emulator("aura").TokenRequests;
        Assert.Equal("ada", (await client.GetUserInfoAsync())["data"]!["first_name"]!.ToString());
        Assert.Equal(before + 1, broker.Emulator("aura").TokenRequests);
        Assert.NotEqual(ended, await client.GetAccessTokenAsync());
    }

    [Theory]
    [InlineData("{\"error\":{\"code\":502}}", 502)]
    [InlineData("[]", 500)]
    [InlineData("<html>", 200)]
    public async Task An_answer_that_is_not_the_broker_s_is_taken_for_being_offline(string body, int status)
    {
        var client = new TokenBrokerClient(new("http://localhost"), "any", platform: new FixedPlatform(status, body));
        Assert.Equal(TokenBrokerError.Offline, await ErrorAsync(() => client.SignInWithAccessCode().CompleteAsync("a2B3c4D5")));
        Assert.Equal(TokenBrokerError.InvalidCode, await ErrorAsync(() => client.SignInWithAccessCode().CompleteAsync(" ")));
    }

    [Fact]
    public async Task What_the_provider_tells_reaches_the_game_as_it_was()
    {
        var platform = new FixedPlatform(200, """{"oauth_token":"t","extra":{"since":"2024-01-02T03:04:05+05:00"}}""");
        var tokens = await new TokenBrokerClient(new("http://localhost"), "any", platform: platform).SignInWithAccessCode()
            .CompleteAsync("a2B3c4D5");
        Assert.Equal("2024-01-02T03:04:05+05:00", tokens.Extra!["since"]!.ToString());
    }

    [Fact]
    public async Task A_connection_that_breaks_while_polling_is_tried_again()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        var inner = new BrokerPlatform(broker);
        var platform = new FlakyPlatform(inner);
        var client = new TokenBrokerClient(broker.Url, "lifescope", platform: platform);
        DevicePrompt? shown = null;
        inner.Meanwhile = async () => await browser.SignDeviceInAsync(await LinkAsync(() => shown));
        Assert.NotEmpty((await client.SignInWithDeviceAsync(prompt => shown = prompt, default, "basic")).AccessToken);
        Assert.Equal(2, platform.Broken);
        Assert.Equal([5, 10, 20], inner.Waits.Select(wait => wait.TotalSeconds));
    }

    /// <summary>A game that blocks its only thread on a task must not wait for itself.</summary>
    [Fact]
    public async Task Blocking_under_a_single_threaded_context_does_not_deadlock()
    {
        await using var broker = await Broker.StartAsync();
        var store = new MemoryTokenStore();
        await SignInAsync(broker, "aura", store);
        broker.Time.Advance(TimeSpan.FromDays(800));
        var finished = new TaskCompletionSource<string>();
        var thread = new Thread(() =>
        {
            SynchronizationContext.SetSynchronizationContext(new NeverRuns());
            var client = new TokenBrokerClient(broker.Url, "aura", store, new BrokerPlatform(broker));
            finished.SetResult(client.GetUserInfoAsync().GetAwaiter().GetResult().ToString());
        })
        { IsBackground = true };
        thread.Start();
        Assert.Contains("ada", await finished.Task.WaitAsync(TimeSpan.FromSeconds(30)), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_of_a_token_is_shown_by_accident()
    {
        Assert.Equal("Tokens", Tokens.Parse("""{"access_token":"marked","refresh_token":"marked"}""")!.ToString());
        Assert.Null(Tokens.Parse("not JSON"));
        Assert.Null(Tokens.Parse("{}"));
    }

    [Fact]
    public async Task A_file_is_read_by_its_owner_alone_and_never_half_written()
    {
        var folder = Directory.CreateTempSubdirectory();
        var path = Path.Combine(folder.FullName, "game", "tokens.json");
        var store = new FileTokenStore(path);
        Assert.Null(await store.LoadAsync());
        await store.SaveAsync("one");
        await store.SaveAsync("two");
        Assert.Equal("two", await new FileTokenStore(path).LoadAsync());
        Assert.Equal(["tokens.json"], Directory.GetFiles(Path.GetDirectoryName(path)!).Select(Path.GetFileName));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        await store.SaveAsync(null);
        Assert.Null(await store.LoadAsync());
        folder.Delete(recursive: true);
    }

    private static async Task<TokenBrokerClient> SignInAsync(Broker broker, string app, ITokenStore store, params string[] scopes)
    {
        var client = new TokenBrokerClient(broker.Url, app, store, new BrokerPlatform(broker));
        using var browser = broker.NewBrowser();
        var signIn = client.SignInWithAccessCode(scopes);
        await signIn.CompleteAsync(await browser.SignInAsync(signIn.Address.PathAndQuery));
        return client;
    }

    private static async Task<TokenBrokerError> ErrorAsync<T>(Func<Task<T>> call) =>
        (await Assert.ThrowsAsync<TokenBrokerException>(call)).Error;

    private static async Task<string> LinkAsync(Func<DevicePrompt?> shown)
    {
        await Wait.UntilAsync(() => Task.FromResult(shown() is not null));
        return shown()!.CompleteAddress.AbsoluteUri;
    }

    /// <summary>Answers one token as a provider does that has ended it.</summary>
    private sealed class RefusingPlatform(IPlatform inner, string ended) : IPlatform
    {
        public DateTimeOffset Now => inner.Now;

        public Task DelayAsync(TimeSpan time, CancellationToken cancellation) => inner.DelayAsync(time, cancellation);

        public Task<BrokerResponse> SendAsync(BrokerRequest request, CancellationToken cancellation) => request.Bearer == ended
            ? Task.FromResult(new BrokerResponse(401, """{"error":"invalid_token","error_description":"ended"}"""))
            : inner.SendAsync(request, cancellation);
    }

    private sealed class BrokenTokenStore : ITokenStore
    {
        public Task<string?> LoadAsync() => Task.FromResult<string?>(null);

        public Task SaveAsync(string? tokens) => Task.FromException(new IOException("full"));
    }

    private sealed class FixedPlatform(int status, string body) : IPlatform
    {
        public DateTimeOffset Now => DateTimeOffset.UnixEpoch;

        public Task DelayAsync(TimeSpan time, CancellationToken cancellation) => Task.CompletedTask;

        public Task<BrokerResponse> SendAsync(BrokerRequest request, CancellationToken cancellation) =>
            Task.FromResult(new BrokerResponse(status, body));
    }

    private sealed class NeverRuns : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
            // The only thread is blocked: whatever is posted to it waits for ever.
        }
    }

    /// <summary>Breaks the first two polls.</summary>
    private sealed class FlakyPlatform(IPlatform inner) : IPlatform
    {
        public int Broken { get; private set; }

        public DateTimeOffset Now => inner.Now;

        public Task DelayAsync(TimeSpan time, CancellationToken cancellation) => inner.DelayAsync(time, cancellation);

        public Task<BrokerResponse> SendAsync(BrokerRequest request, CancellationToken cancellation)
        {
            if (!request.Url.AbsolutePath.EndsWith("/token", StringComparison.Ordinal) || Broken == 2)
                return inner.SendAsync(request, cancellation);
            Broken++;
            return Task.FromResult(new BrokerResponse(Broken == 1 ? 503 : 200, "<html>a hotel</html>"));
        }
    }
}
