using System.Collections.Concurrent;
using TokenBroker.SignIns;
using TokenBroker.Storage;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Endpoints;

/// <summary>The device flow (RFC 8628) from end to end.</summary>
public sealed class DeviceTests
{
    [Fact]
    public async Task A_device_gets_its_tokens_once_the_player_has_signed_in_in_any_browser()
    {
        await using var broker = await Broker.StartAsync(await Broker.NewTableStoreAsync());
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var device = await game.StartDeviceAsync();
        Assert.Equal((200, "no-store"), (device.Status, device.Response.Headers.CacheControl!.ToString()));
        Assert.Matches("^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$", device.Text("user_code"));
        Assert.Equal($"{broker.Url}device", device.Text("verification_uri"));
        Assert.Equal($"{broker.Url}device?user_code={device.Text("user_code")}", device.Text("verification_uri_complete"));
        Assert.Equal((300, 5), (device.Json.GetProperty("expires_in").GetInt32(), device.Json.GetProperty("interval").GetInt32()));
        Assert.Equal((400, "authorization_pending"), await StatusAsync(game.PollAsync(device)));

        var page = await browser.SignDeviceInAsync(device.Text("verification_uri_complete")!, "grace");

        Assert.Equal((200, "You are signed in", null), (page.Status, page.Heading, page.AccessCode));
        var tokens = await game.PollAsync(device);
        Assert.Equal(200, tokens.Status);
        Assert.NotEmpty(tokens.Text("access_token")!);
        Assert.Equal("grace", tokens.Json.GetProperty("extra").GetProperty("connection_id_string").GetString());
        Assert.Equal(200, (await game.RefreshAsync("lifescope", tokens.Text("refresh_token")!)).Status);
        Assert.Equal((400, "invalid_grant"), await StatusAsync(game.PollAsync(device)));
        // The player's page stays true on reload.
        Assert.Equal("You are signed in", (await browser.OpenAsync("/complete")).Heading);
    }

    [Fact]
    public async Task The_player_sees_what_is_asked_for_and_may_type_the_code_as_people_do()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var code = (await game.StartDeviceAsync(scope: "basic events:read")).Text("user_code")!;
        var entry = await browser.OpenAsync("/device");
        Assert.Equal((200, "Enter your code"), (entry.Status, entry.Heading));

        var fullWidth = new string([.. code.Select(character => (char)(character + 0xFEE0))]);
        foreach (var typed in new[] { code, fullWidth, code.ToLowerInvariant(), code.Replace("-", "", StringComparison.Ordinal),
            $"  {code.Replace("-", " - ", StringComparison.Ordinal)} ", string.Join('.', code.ToCharArray()) })
        {
            var question = await browser.TypeUserCodeAsync(typed);
            Assert.Equal((200, "Sign in to lifescope demo game?"), (question.Status, question.Heading));
            var text = question.Document.QuerySelector("main")!.TextContent;
            Assert.Contains("A device wants to sign in to lifescope demo game with your LifeScope account.", text,
                StringComparison.Ordinal);
            // What the dialect knows is said in words.
            Assert.Equal(["see your name and picture", "see your activity"],
                question.Document.QuerySelectorAll(".scopes li").Select(item => item.TextContent));
            Assert.Equal(code, question.Document.GetElementById("user-code")!.TextContent);
            var choices = question.Document.QuerySelectorAll("button[name=action]");
            Assert.Equal(["accept", "decline"], choices.Select(button => button.GetAttribute("value")));
            // Declining is as prominent as accepting.
            Assert.Single(choices.Select(button => button.ClassName).Distinct());
            Assert.Contains($"form-action 'self' {broker.LifeScope.Url.GetLeftPart(UriPartial.Authority)}",
                question.Header("Content-Security-Policy"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Who_comes_by_a_link_is_not_shown_the_code_and_picks_it_among_others()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var device = await game.StartDeviceAsync();
        var code = device.Text("user_code")!;
        broker.Time.Advance(TimeSpan.FromMinutes(2));

        var question = await browser.OpenAsync($"/create-session?user_code={code}");

        Assert.Equal((200, "same-origin"), (question.Status, question.Header("Cross-Origin-Opener-Policy")));
        Assert.Contains("Started 2 minutes ago.", question.Document.QuerySelector("main")!.TextContent, StringComparison.Ordinal);
        var choices = question.Document.QuerySelectorAll("input[type=radio][name=user_code]");
        Assert.True(choices.Length >= 3);
        Assert.Contains(code, choices.Select(choice => choice.GetAttribute("value")));
        Assert.DoesNotContain(choices, choice => choice.HasAttribute("checked"));
        // The choices are all of the code that is shown, and asking again brings the same.
        Assert.Equal(2, System.Text.RegularExpressions.Regex.Count(question.Body, code));
        var again = (await browser.OpenAsync($"/device?user_code={code}")).Document.QuerySelectorAll("input[type=radio]");
        Assert.Equal(choices.Select(choice => choice.OuterHtml).Order(), again.Select(choice => choice.OuterHtml).Order());

        var wrong = choices.Select(choice => choice.GetAttribute("value")!).First(choice => choice != code);
        foreach (var pick in new[] { wrong, "" })
        {
            var refused = await browser.AnswerDeviceAsync(question, pick: pick);
            Assert.Equal((400, "Sign in to lifescope demo game?"), (refused.Status, refused.Heading));
            Assert.NotNull(refused.Document.QuerySelector("[role=alert]"));
        }
        Assert.Equal("authorization_pending", (await game.PollAsync(device)).Error);
        Assert.Equal(303, (await browser.AnswerDeviceAsync(question)).Status);
    }

    [Fact]
    public async Task Ten_wrong_picks_are_the_end()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var device = await game.StartDeviceAsync();
        var question = await browser.OpenAsync(device.Text("verification_uri_complete")!);
        for (var number = 0; number < 10; number++)
            Assert.Equal(400, (await browser.AnswerDeviceAsync(question, pick: "")).Status);
        Assert.Equal(429, (await browser.AnswerDeviceAsync(question)).Status);
        Assert.Equal("authorization_pending", (await game.PollAsync(device)).Error);
    }

    [Fact]
    public async Task Whatever_is_no_form_of_ours_is_a_link()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var code = (await game.StartDeviceAsync()).Text("user_code")!;
        var entry = await browser.GetAsync("/device");
        var token = entry.Document.QuerySelector("input[name=form_token]")!.GetAttribute("value")!;
        var typed = await browser.TypeUserCodeAsync(code);
        Assert.Empty(typed.Document.QuerySelectorAll("input[type=radio]"));
        var address = new Uri(broker.Url, "/device");

        // A form by GET, also with a token of ours; a POST of another site, with no token, an old page's, or another browser's.
        Assert.True(IsLink(await browser.GetAsync($"/device?user_code={code}&form_token={token}")));
        Assert.True(IsLink(await browser.PostAsync(address, new() { ["user_code"] = code })));
        Assert.True(IsLink(await browser.PostAsync(address, new() { ["user_code"] = code, ["form_token"] = new string('0', 64) })));
        // The right token, but by the page of another site or a neighbouring host.
        foreach (var (name, value) in new[]
        {
            ("Sec-Fetch-Site", "same-site"), ("Sec-Fetch-Site", "cross-site"), ("Origin", "https://evil.example"),
        })
        {
            browser.Headers.Add(name, value);
            Assert.True(IsLink(await browser.PostAsync(address, new() { ["user_code"] = code, ["form_token"] = token })));
            browser.Headers.Remove(name);
        }
        using var other = broker.NewBrowser();
        await other.GetAsync("/device");
        Assert.True(IsLink(await other.PostAsync(address, new() { ["user_code"] = code, ["form_token"] = token })));

        static bool IsLink(Answer answer) => answer.Status == 200 && answer.Document.QuerySelectorAll("input[type=radio]").Length >= 3;
    }

    [Fact]
    public async Task Who_came_by_a_link_declines_without_picking()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var device = await game.StartDeviceAsync();
        var question = await browser.OpenAsync(device.Text("verification_uri_complete")!);
        Assert.Equal("You declined", (await browser.AnswerDeviceAsync(question, "decline", pick: "")).Heading);
        Assert.Equal("access_denied", (await game.PollAsync(device)).Error);
    }

    [Fact]
    public async Task A_device_s_sign_in_has_the_provider_ask_again_and_a_browser_s_does_not()
    {
        await using var broker = await Broker.StartAsync(settings: new()
        {
            ["Apps:mine:Provider"] = "twitch",
            ["Apps:mine:ClientId"] = "id",
            ["Apps:mine:ClientSecret"] = "secret",
            ["Apps:mine:Scopes:0"] = "user:read:email",
        });
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var device = await game.StartDeviceAsync("mine", "user:read:email");
        var accepted = await browser.AnswerDeviceAsync(await browser.OpenAsync(device.Text("verification_uri_complete")!));
        Assert.Contains("force_verify=true", accepted.Location, StringComparison.Ordinal);
        var begun = await browser.GetAsync("/create-session?app=mine&scopes=user:read:email");
        Assert.DoesNotContain("force_verify", begun.Location, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_that_this_browser_was_not_shown_does_nothing()
    {
        await using var broker = await Broker.StartAsync();
        using var attacker = broker.NewBrowser();
        using var victim = broker.NewBrowser();
        using var game = broker.NewGame();
        var device = await game.StartDeviceAsync();
        var question = await attacker.OpenAsync(device.Text("verification_uri_complete")!);
        await victim.OpenAsync("/device?user_code=" + (await game.StartDeviceAsync()).Text("user_code"));

        // The attacker's form, sent by the victim's browser, whose own cookie goes along; then without a token.
        Assert.Equal(400, (await victim.AnswerDeviceAsync(question)).Status);
        Assert.Equal(400, (await victim.PostAsync(
            new(broker.Url, "/device"), new() { ["user_code"] = device.Text("user_code")!, ["action"] = "accept" })).Status);
        Assert.Equal(400, (await victim.AnswerDeviceAsync(question, "decline")).Status);

        Assert.Equal("authorization_pending", (await game.PollAsync(device)).Error);
        Assert.Equal(303, (await attacker.AnswerDeviceAsync(question)).Status);
    }

    [Fact]
    public async Task One_browser_gets_the_session_and_may_accept_again()
    {
        await using var broker = await Broker.StartAsync(await Broker.NewTableStoreAsync());
        using var one = broker.NewBrowser();
        using var two = broker.NewBrowser();
        using var game = broker.NewGame();
        var device = await game.StartDeviceAsync();
        var questions = await Task.WhenAll(
            one.OpenAsync(device.Text("verification_uri_complete")!), two.OpenAsync(device.Text("verification_uri_complete")!));

        var answers = await Task.WhenAll(one.AnswerDeviceAsync(questions[0]), two.AnswerDeviceAsync(questions[1]));

        Assert.Equal([303, 400], answers.Select(answer => answer.Status).Order());
        var (winner, question, other) = answers[0].Status == 303 ? (one, questions[0], two) : (two, questions[1], one);
        // The code is right, so whoever else tries it is not counted as guessing; and the first may come back.
        for (var reload = 0; reload < 12; reload++)
            Assert.Equal(400, (await other.OpenAsync(device.Text("verification_uri_complete")!)).Status);
        Assert.Equal(200, (await winner.OpenAsync(device.Text("verification_uri_complete")!)).Status);
        var consent = await winner.FollowAsync(await winner.AnswerDeviceAsync(question));
        Assert.Equal("You are signed in", (await winner.FollowAsync(await winner.DecideAsync(consent, "approve"))).Heading);
        Assert.Equal("You are signed in", (await winner.OpenAsync(device.Text("verification_uri_complete")!)).Heading);
        Assert.Equal(200, (await game.PollAsync(device)).Status);
    }

    [Fact]
    public async Task A_double_click_is_one_answer()
    {
        await using var broker = await Broker.StartAsync(await Broker.NewTableStoreAsync());
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        foreach (var (action, status) in new[] { ("accept", 303), ("decline", 403) })
        {
            var device = await game.StartDeviceAsync();
            var question = await browser.OpenAsync(device.Text("verification_uri_complete")!);
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => browser.AnswerDeviceAsync(question, action)));
            Assert.All(answers, answer => Assert.Equal(status, answer.Status));
        }
    }

    [Fact]
    public async Task After_a_device_s_time_no_earlier_sign_in_is_offered_in_its_place()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        await browser.OpenAsync("/create-session?app=lifescope&scopes=basic");
        var device = await game.StartDeviceAsync("aura", null);
        var consent = await browser.FollowAsync(
            await browser.AnswerDeviceAsync(await browser.OpenAsync(device.Text("verification_uri_complete")!)));
        broker.Time.Advance(Session.Lifetime);
        var page = await browser.OpenAsync((await browser.DecideAsync(consent, "approve")).Location!);
        Assert.Equal(410, page.Status);
        Assert.Null(page.Document.QuerySelector("a"));
    }

    [Fact]
    public async Task Two_callbacks_of_a_device_at_once_spend_the_provider_code_once()
    {
        await using var broker = await Broker.StartAsync(await Broker.NewTableStoreAsync());
        using var game = broker.NewGame();
        for (var run = 0; run < 5; run++)
        {
            using var browser = broker.NewBrowser();
            var device = await game.StartDeviceAsync();
            var consent = await browser.FollowAsync(
                await browser.AnswerDeviceAsync(await browser.OpenAsync(device.Text("verification_uri_complete")!)));
            var back = (await browser.DecideAsync(consent, "approve")).Location!;
            var spent = broker.LifeScope.TokenRequests;
            var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => browser.GetAsync(back)));
            Assert.All(answers, answer => Assert.Contains(answer.Status, new[] { 200, 202, 303 }));
            Assert.Equal(spent + 1, broker.LifeScope.TokenRequests);
            Assert.Equal(200, (await game.PollAsync(device)).Status);
        }
    }

    [Fact]
    public async Task Declining_reaches_the_device_at_once()
    {
        await using var broker = await Broker.StartAsync(await Broker.NewTableStoreAsync());
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var device = await game.StartDeviceAsync();
        await game.PollAsync(device);

        var page = await browser.AnswerDeviceAsync(await browser.OpenAsync(device.Text("verification_uri_complete")!), "decline");

        Assert.Equal((403, "You declined"), (page.Status, page.Heading));
        Assert.Equal((400, "access_denied"), await StatusAsync(game.PollAsync(device)));
        Assert.Equal((400, "access_denied"), await StatusAsync(game.PollAsync(device)));
        Assert.Equal("You declined", (await browser.OpenAsync(device.Text("verification_uri_complete")!)).Heading);
        using var other = broker.NewBrowser();
        Assert.Equal(400, (await other.OpenAsync(device.Text("verification_uri_complete")!)).Status);
    }

    [Theory]
    [InlineData("lifescope", "basic")]
    [InlineData("wishtack", "read")]
    public async Task Declining_at_the_provider_reaches_the_device_at_once(string app, string scope)
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var device = await game.StartDeviceAsync(app, scope);
        var consent = await browser.FollowAsync(
            await browser.AnswerDeviceAsync(await browser.OpenAsync(device.Text("verification_uri_complete")!)));

        var page = await browser.OpenAsync((await browser.DecideAsync(consent, "deny")).Location!);

        Assert.Equal(403, page.Status);
        // The game begins again, since it waits for this one: the page offers no link of its own.
        Assert.Null(page.Document.QuerySelector("a"));
        Assert.Equal((400, "access_denied"), await StatusAsync(game.PollAsync(device, app)));
    }

    [Fact]
    public async Task Trouble_of_the_provider_reaches_the_device_at_once()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var device = await game.StartDeviceAsync();
        broker.LifeScope.Misbehaviour = http => http.Response.Body.WriteAsync("<html>"u8.ToArray()).AsTask();
        Assert.Equal(502, (await browser.SignDeviceInAsync(device.Text("verification_uri_complete")!)).Status);
        Assert.Equal((502, "temporarily_unavailable"), await StatusAsync(game.PollAsync(device)));
    }

    [Fact]
    public async Task An_expired_code_is_told_by_the_time_it_carries_and_an_unknown_one_is_no_grant()
    {
        var store = await Broker.NewTableStoreAsync();
        await using var broker = await Broker.StartAsync(store);
        using var game = broker.NewGame();
        using var browser = broker.NewBrowser();
        var device = await game.StartDeviceAsync();
        var never = DeviceCode.New(broker.Time.GetUtcNow());
        Assert.Equal("invalid_grant", (await PollWithAsync(game, never.Text)).Error);
        Assert.Equal("invalid_grant", (await PollWithAsync(game, "nonsense")).Error);
        Assert.Equal("invalid_grant", (await game.PollAsync(device, "aura")).Error);
        // What the browser holds is no device code.
        Assert.Equal("invalid_grant", (await PollWithAsync(game, DeviceCode.TryParse(device.Text("device_code"))!.SessionId.Text)).Error);

        broker.Time.Advance(Session.Lifetime - TimeSpan.FromMilliseconds(1));
        Assert.Equal("authorization_pending", (await game.PollAsync(device)).Error);
        broker.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal((400, "expired_token"), await StatusAsync(game.PollAsync(device)));
        Assert.Equal(400, (await browser.OpenAsync(device.Text("verification_uri_complete")!)).Status);
        await broker.Sweeper.SweepAsync(100, default);
        Assert.Equal("expired_token", (await game.PollAsync(device)).Error);
    }

    [Fact]
    public async Task Fifty_polls_at_once_deliver_once()
    {
        await using var broker = await Broker.StartAsync(await Broker.NewTableStoreAsync());
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        for (var run = 0; run < 10; run++)
        {
            var device = await game.StartDeviceAsync();
            await browser.SignDeviceInAsync(device.Text("verification_uri_complete")!);
            var replies = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => game.PollAsync(device)));
            Assert.Single(replies, reply => reply.Status == 200);
            Assert.All(replies.Where(reply => reply.Status != 200), reply => Assert.Equal("invalid_grant", reply.Error));
        }
    }

    [Fact]
    public async Task A_client_that_keeps_to_the_new_interval_is_never_told_again()
    {
        await using var broker = await Broker.StartAsync();
        using var game = broker.NewGame();
        var device = await game.StartDeviceAsync();
        Assert.Equal("authorization_pending", (await game.PollAsync(device)).Error);
        Assert.Equal("slow_down", (await game.PollAsync(device)).Error);
        // The old interval is too short from now on, for every later poll.
        broker.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("slow_down", (await game.PollAsync(device)).Error);

        var interval = TimeSpan.FromSeconds(15);
        for (var poll = 0; poll < 10; poll++)
        {
            broker.Time.Advance(interval);
            Assert.Equal("authorization_pending", (await game.PollAsync(device)).Error);
        }
    }

    [Fact]
    public async Task A_poll_that_comes_too_soon_does_not_put_off_the_next()
    {
        await using var broker = await Broker.StartAsync();
        using var game = broker.NewGame();
        var device = await game.StartDeviceAsync();
        Assert.Equal("authorization_pending", (await game.PollAsync(device)).Error);
        broker.Time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal("slow_down", (await game.PollAsync(device)).Error);
        // Ten seconds after the poll that was in time, seven after the one that was not.
        broker.Time.Advance(TimeSpan.FromSeconds(7));
        Assert.Equal("authorization_pending", (await game.PollAsync(device)).Error);
    }

    [Fact]
    public async Task A_client_that_starts_too_fast_and_obeys_every_slow_down_finds_its_pace()
    {
        await using var broker = await Broker.StartAsync();
        using var game = broker.NewGame();
        var device = await game.StartDeviceAsync();
        var interval = TimeSpan.FromSeconds(1);
        var told = new List<string>();
        for (var elapsed = TimeSpan.Zero; elapsed + interval < Session.Lifetime; elapsed += interval)
        {
            var error = (await game.PollAsync(device)).Error!;
            told.Add(error);
            if (error == "slow_down")
                interval += TimeSpan.FromSeconds(5);
            broker.Time.Advance(interval);
        }
        Assert.Contains("slow_down", told);
        Assert.DoesNotContain("slow_down", told.TakeLast(4));
    }

    [Fact]
    public async Task Polling_too_fast_delays_no_approved_grant()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var device = await game.StartDeviceAsync();
        await game.PollAsync(device);
        for (var poll = 0; poll < 20; poll++)
            Assert.Equal("slow_down", (await game.PollAsync(device)).Error);
        await browser.SignDeviceInAsync(device.Text("verification_uri_complete")!);
        Assert.Equal(200, (await game.PollAsync(device)).Status);
    }

    [Fact]
    public async Task Scopes_are_those_of_the_device_request_whatever_the_token_request_says()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var device = await game.StartDeviceAsync("wishtack", "read");
        await browser.SignDeviceInAsync(device.Text("verification_uri_complete")!);
        var tokens = await game.PollAsync(device, "wishtack", ("scope", "read write admin"));
        Assert.Equal((200, "read"), (tokens.Status, tokens.Text("scope")));
        Assert.Equal("invalid_scope", (await game.RefreshAsync("wishtack", tokens.Text("refresh_token")!, ("scope", "write"))).Error);
    }

    [Fact]
    public async Task A_right_user_code_resets_no_failures_and_ten_wrong_ones_are_the_end()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var device = await game.StartDeviceAsync();
        for (var guess = 0; guess < 9; guess++)
            Assert.Equal(400, (await browser.OpenAsync($"/device?user_code={UserCode.New().Text}")).Status);
        Assert.Equal(200, (await browser.OpenAsync(device.Text("verification_uri_complete")!)).Status);
        Assert.Equal(400, (await browser.TypeUserCodeAsync(UserCode.New().Text)).Status);

        var stopped = await browser.OpenAsync(device.Text("verification_uri_complete")!);

        Assert.Equal((429, "Too many wrong codes", "300"), (stopped.Status, stopped.Heading, stopped.Header("Retry-After")));
        broker.Time.Advance(TimeSpan.FromMinutes(4));
        Assert.Equal("authorization_pending", (await game.PollAsync(device)).Error);
    }

    [Fact]
    public async Task The_user_code_is_neither_the_state_nor_part_of_it_and_the_state_works_once()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var device = await game.StartDeviceAsync();
        var accepted = await browser.AnswerDeviceAsync(await browser.OpenAsync(device.Text("verification_uri_complete")!));
        var state = System.Web.HttpUtility.ParseQueryString(new Uri(accepted.Location!).Query)["state"]!;
        Assert.True(state.Length > 50);
        Assert.DoesNotContain(device.Text("user_code")!.Replace("-", "", StringComparison.Ordinal), state,
            StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(device.Text("device_code")![12..], accepted.Location, StringComparison.Ordinal);

        var back = await browser.DecideAsync(await browser.FollowAsync(accepted), "approve");
        await browser.OpenAsync(back.Location!);
        var exchanged = broker.LifeScope.TokenRequests;
        await browser.OpenAsync(back.Location!);
        Assert.Equal(exchanged, broker.LifeScope.TokenRequests);
    }

    [Fact]
    public async Task A_poll_reads_once_and_writes_nothing_while_nothing_changes()
    {
        var counter = new OperationCounter();
        await using var broker = await Broker.StartAsync(await Broker.NewTableStoreAsync(counter));
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        await broker.Sweeper.InBackground;
        counter.Reset();
        var device = await game.StartDeviceAsync();
        await broker.Sweeper.InBackground;
        // The sweep beside it takes its lease.
        Assert.Equal(2 + 1, counter.Operations.Count(operation => operation.StartsWith("POST", StringComparison.Ordinal)));
        for (var poll = 0; poll < 5; poll++)
        {
            counter.Reset();
            await game.PollAsync(device);
            Assert.StartsWith("GET", Assert.Single(counter.Operations), StringComparison.Ordinal);
        }

        await browser.SignDeviceInAsync(device.Text("verification_uri_complete")!);
        counter.Reset();
        await game.PollAsync(device);
        Assert.Equal(["GET", "GET", "DELETE", "PUT"], counter.Operations.Select(operation => operation.Split(' ')[0]));
    }

    [Fact]
    public async Task A_thousand_devices_that_poll_at_their_interval_are_never_told_to_slow_down_and_cost_one_read_a_poll()
    {
        const int devices = 1000;
        var counter = new OperationCounter();
        await using var broker = await Broker.StartAsync(await Broker.NewTableStoreAsync(counter));
        // From behind as many addresses as there are players, of which this machine has but a few: loopback is not limited.
        using var game = broker.NewGame();
        var started = new ConcurrentBag<Reply>();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = 16 };
        await Parallel.ForEachAsync(Enumerable.Range(0, devices), parallel, async (_, _) => started.Add(await game.StartDeviceAsync()));
        await broker.Sweeper.InBackground;
        counter.Reset();

        var answers = new ConcurrentBag<string>();
        for (var round = 0; round < 3; round++)
        {
            await Parallel.ForEachAsync(started, parallel, async (device, _) => answers.Add((await game.PollAsync(device)).Error!));
            broker.Time.Advance(TimeSpan.FromSeconds(PollPace.Seconds));
        }

        Assert.Equal(3 * devices, answers.Count);
        Assert.Equal("authorization_pending", Assert.Single(answers.Distinct()));
        Assert.Equal(3 * devices, counter.Operations.Count);
        Assert.All(counter.Operations, operation => Assert.StartsWith("GET", operation, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_tables_hold_neither_code_and_nothing_outlives_the_sweep()
    {
        var (sessions, codes) = (await Azurite.NewTableAsync(), await Azurite.NewTableAsync());
        await using var broker = await Broker.StartAsync(new TableSessionStore(sessions, codes, await Azurite.NewTableAsync()));
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var devices = new List<Reply>();
        for (var number = 0; number < 3; number++)
            devices.Add(await game.StartDeviceAsync());
        await browser.SignDeviceInAsync(devices[1].Text("verification_uri_complete")!);
        await browser.SignDeviceInAsync(devices[2].Text("verification_uri_complete")!);
        await game.PollAsync(devices[2]);

        var dump = await Dump.OfAsync(sessions) + await Dump.OfAsync(codes);
        foreach (var device in devices)
        {
            Assert.DoesNotContain(device.Text("device_code")![12..], dump, StringComparison.Ordinal);
            Assert.DoesNotContain(device.Text("user_code")!, dump, StringComparison.Ordinal);
            Assert.DoesNotContain(device.Text("user_code")!.Replace("-", "", StringComparison.Ordinal), dump, StringComparison.Ordinal);
            Assert.DoesNotContain(DeviceCode.TryParse(device.Text("device_code"))!.SessionId.Text[12..], dump, StringComparison.Ordinal);
        }

        broker.Time.Advance(TimeSpan.FromMinutes(6));
        await broker.Sweeper.SweepAsync(100, default);
        Assert.Empty(await Dump.OfAsync(sessions) + await Dump.OfAsync(codes));
    }

    [Fact]
    public async Task A_game_that_can_open_a_browser_leads_its_player_there_by_either_link()
    {
        await using var broker = await Broker.StartAsync();
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var device = await game.StartDeviceAsync();
        var answer = await browser.GetAsync($"/create-session?user_code={device.Text("user_code")}");
        Assert.Equal((302, device.Text("verification_uri_complete")), (answer.Status, answer.Location));
        await browser.SignDeviceInAsync($"/create-session?user_code={device.Text("user_code")}");
        Assert.Equal(200, (await game.PollAsync(device)).Status);
        Assert.Equal(400, (await browser.GetAsync("/create-session?user_code=nonsense")).Status);
    }

    [Fact]
    public async Task A_user_code_that_is_in_use_stays_with_its_owner_and_another_is_drawn()
    {
        var (sessions, codes) = (await Azurite.NewTableAsync(), await Azurite.NewTableAsync());
        var store = new StoreThatTakesTheFirstCode(new TableSessionStore(sessions, codes, await Azurite.NewTableAsync()));
        await using var broker = await Broker.StartAsync(store);
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var device = await game.StartDeviceAsync();
        Assert.Equal(200, device.Status);
        await browser.SignDeviceInAsync(device.Text("verification_uri_complete")!);
        Assert.Equal(200, (await game.PollAsync(device)).Status);
        broker.Time.Advance(TimeSpan.FromMinutes(6));
        await broker.Sweeper.SweepAsync(100, default);
        // The owner's is still there: the session that met it has not taken it along.
        Assert.Contains(store.Owned!.RowKey, await Dump.OfAsync(codes), StringComparison.Ordinal);
        Assert.Empty(await Dump.OfAsync(sessions));
    }

    [Fact]
    public async Task A_mark_that_cannot_be_stored_keeps_no_token_from_the_game()
    {
        var store = new StoreWithoutUpdates();
        await using var broker = await Broker.StartAsync(store);
        using var browser = broker.NewBrowser();
        using var game = broker.NewGame();
        var device = await game.StartDeviceAsync();
        await browser.SignDeviceInAsync(device.Text("verification_uri_complete")!);
        store.IsDown = true;
        Assert.Equal(200, (await game.PollAsync(device)).Status);
        broker.Time.Advance(Session.MaxCompletionTime);
        Assert.Equal("invalid_grant", (await game.PollAsync(device)).Error);
    }

    [Theory]
    [InlineData("client_id=lifescope&scope=basic&scope=basic", "invalid_request")]
    [InlineData("client_id=nobody&scope=basic", "invalid_client")]
    [InlineData("client_id=lifescope", "invalid_scope")]
    [InlineData("client_id=lifescope&scope=steal", "invalid_scope")]
    public async Task A_device_request_that_is_wrong_is_told_why(string form, string error)
    {
        await using var broker = await Broker.StartAsync();
        using var http = new HttpClient { BaseAddress = broker.Url };
        using var content = new StringContent(form, System.Text.Encoding.UTF8, "application/x-www-form-urlencoded");
        var reply = await Reply.OfAsync(await http.PostAsync(new Uri("/device_authorization", UriKind.Relative), content));
        Assert.Equal((400, error), (reply.Status, reply.Error));
        using var json = new StringContent("{}", System.Text.Encoding.UTF8, "application/json");
        Assert.Equal("invalid_request",
            (await Reply.OfAsync(await http.PostAsync(new Uri("/device_authorization", UriKind.Relative), json))).Error);
    }

    [Fact]
    public void Every_letter_of_a_user_code_is_drawn_about_equally_often()
    {
        const int codes = 20_000;
        var counts = Enumerable.Range(0, codes).SelectMany(_ => UserCode.New().Text.Replace("-", "", StringComparison.Ordinal))
            .GroupBy(letter => letter).ToDictionary(group => group.Key, group => group.Count());
        Assert.Equal(20, counts.Count);
        // Chi-squared with 19 degrees of freedom: over 75 once in some fifty million runs. Modulo bias of a byte would give over 400.
        var expected = codes * 8 / 20.0;
        Assert.InRange(counts.Values.Sum(count => Math.Pow(count - expected, 2) / expected), 0, 75);
    }

    private static Task<Reply> PollWithAsync(Game game, string deviceCode) => game.PostAsync(
        "/token", ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("client_id", "lifescope"),
            ("device_code", deviceCode));

    private static async Task<(int Status, string? Error)> StatusAsync(Task<Reply> polling)
    {
        var reply = await polling;
        return (reply.Status, reply.Error);
    }

    /// <summary>Somebody else is quicker with the first user code.</summary>
    private sealed class StoreThatTakesTheFirstCode(ISessionStore store) : StoreDecorator(store)
    {
        public CodeEntry? Owned { get; private set; }

        public override async Task<bool> TryAddEntryAsync(CodeEntry entry, CancellationToken cancellation)
        {
            if (Owned is null)
                await base.TryAddEntryAsync(Owned = entry with { SealedContent = new byte[] { 1 } }, cancellation);
            return await base.TryAddEntryAsync(entry, cancellation);
        }
    }

    private sealed class StoreWithoutUpdates() : StoreDecorator(new MemorySessionStore())
    {
        public bool IsDown { get; set; }

        public override Task<Session?> TryUpdateAsync(Session session, CancellationToken cancellation) =>
            IsDown
                ? Task.FromException<Session?>(new Azure.RequestFailedException(503, "down"))
                : base.TryUpdateAsync(session, cancellation);
    }
}
