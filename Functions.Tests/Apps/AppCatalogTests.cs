namespace TokenBroker.Tests.Apps;

public sealed class AppCatalogTests
{
    [Fact]
    public void An_app_takes_what_it_does_not_say_from_its_provider()
    {
        var app = TestApps.LifeScope().Find(null, null)!;
        var registration = app.OnlyRegistration!;
        Assert.Equal(("lifescope", "lifescope", "id", "lifescope"),
            (app.Name, registration.Name, registration.ClientId, app.DisplayName));
        Assert.Equal("https://app.lifescope.io/auth", registration.Endpoints.Authorization!.AbsoluteUri);
        Assert.Equal("https://api.lifescope.io/auth/access_token", registration.Endpoints.Token!.AbsoluteUri);
        Assert.Equal(["basic", "contacts:read", "content:read", "events:read", "locations:read", "people:read"], registration.Scopes);
    }

    [Fact]
    public void An_app_is_found_by_name_by_client_id_or_by_default()
    {
        var apps = TestApps.From(
            ("Apps:one:Provider", "lifescope"), ("Apps:one:ClientId", "id-1"),
            ("Apps:two:Provider", "lifescope"), ("Apps:two:ClientId", "id-2"),
            ("Broker:DefaultApp", "two"));
        Assert.Equal("two", apps.Find(null, null)!.Name);
        Assert.Equal("one", apps.Find("one", null)!.Name);
        Assert.Equal("one", apps.Find("id-1", null)!.Name);
        Assert.Equal("one", apps.Find(null, "id-1")!.Name);
        Assert.Equal("one", apps.Find(null, "one")!.Name);
        Assert.Equal("one", apps.Find("one", "id-1")!.Name);
        Assert.Null(apps.Find("one", "id-2"));
        Assert.Null(apps.Find("three", null));
        Assert.Null(apps.Find("one", "three"));
    }

    [Fact]
    public void A_name_goes_before_a_client_id()
    {
        var apps = TestApps.From(
            ("Apps:one:Provider", "lifescope"), ("Apps:one:ClientId", "two"),
            ("Apps:two:Provider", "lifescope"), ("Apps:two:ClientId", "one"));
        Assert.Equal("one", apps.Find(null, "one")!.Name);
    }

    [Fact]
    public void Of_several_apps_none_is_the_default_unless_configured() => Assert.Null(TestApps.From(
        ("Apps:one:Provider", "lifescope"), ("Apps:one:ClientId", "id-1"),
        ("Apps:two:Provider", "lifescope"), ("Apps:two:ClientId", "id-2")).Find(null, null));

    [Theory]
    [InlineData("basic", "basic")]
    [InlineData("basic,events:read", "basic,events:read")]
    [InlineData("basic events:read", "basic,events:read")]
    [InlineData(" BASIC, basic ,,Events:Read basic", "basic,events:read")]
    public void Scopes_are_split_cleaned_and_spelt_as_the_provider_does(string text, string expected)
    {
        Assert.Equal(expected, string.Join(',', TestApps.LifeScope().Find(null, null)!.ChoicesFor(text, null).All.Single().Scopes));
    }

    [Theory]
    [InlineData(null, "scopes are missing")]
    [InlineData(" , ", "scopes are missing")]
    [InlineData("basic,steal:all", "may not ask for these scopes. Allowed: basic, contacts:read")]
    public void Missing_or_unknown_scopes_are_named(string? text, string named)
    {
        var choices = TestApps.LifeScope().Find(null, null)!.ChoicesFor(text, null);
        Assert.Empty(choices.All);
        Assert.Contains(named, choices.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://studio.example.com")]
    [InlineData("studio.example.com/path")]
    [InlineData("user@studio.example.com")]
    [InlineData("studio.example.com:port")]
    public void A_domain_is_a_host_name_and_nothing_more(string domain) => Assert.Contains(
        "Apps__aura__Domain must be a host name",
        Assert.Throws<ConfigurationException>(() => TestApps.From(("Apps:aura:ClientId", "id"), ("Apps:aura:Domain", domain))).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("studio.example.com")]
    [InlineData("studio.example.com:8443")]
    public void A_domain_may_have_a_port(string domain) =>
        Assert.Equal($"https://{domain}/oauth/token", TestApps.From(("Apps:aura:ClientId", "id"), ("Apps:aura:Domain", domain))
            .Find(null, null)!.OnlyRegistration!.Endpoints.Token!.AbsoluteUri);

    [Fact]
    public void An_app_may_allow_fewer_scopes_than_its_provider_has()
    {
        var app = TestApps.From(("Apps:lifescope:ClientId", "id"), ("Apps:lifescope:Scopes:0", "basic")).Find(null, null)!;
        Assert.Single(app.ChoicesFor("basic", null).All);
        Assert.Empty(app.ChoicesFor("people:read", null).All);
    }

    [Theory]
    [InlineData("Apps:lifescope:ClientID2", "x", "Apps__lifescope__ClientID2 is unknown")]
    [InlineData("Apps:lifescope:ClientId", "", "Apps__lifescope__ClientId is missing")]
    [InlineData("Apps:Game:ClientId", "x", "Apps__Game is no app name")]
    [InlineData("Apps:my-game:ClientId", "x", "Apps__my-game is no app name")]
    [InlineData("Apps:game:ClientId", "x", "Apps__game__Provider names no entry")]
    [InlineData("Apps:lifescope:Scopes:0", "unheard:of", "Apps__lifescope__Scopes has 'unheard:of'")]
    [InlineData("Apps:lifescope:Scopes:0", "basic events:read", "Apps__lifescope__Scopes must hold one scope")]
    [InlineData("Apps:lifescope:TokenEndpoint", "http://example.com/token", "Apps__lifescope__TokenEndpoint must be https")]
    [InlineData("Apps:lifescope:TokenEndpoint", "/token", "Apps__lifescope__TokenEndpoint must be an absolute URL")]
    [InlineData("Apps:lifescope:TokenEndpoint", "https://user@example.com/", "Apps__lifescope__TokenEndpoint must have neither")]
    [InlineData("Broker:DefaultApp", "nobody", "Broker__DefaultApp names no app")]
    public void Bad_configuration_is_named_by_its_key(string key, string value, string message)
    {
        var settings = new Dictionary<string, string> { ["Apps:lifescope:ClientId"] = "id", [key] = value };
        var thrown = Assert.Throws<ConfigurationException>(() => TestApps.From([.. settings.Select(pair => (pair.Key, pair.Value))]));
        Assert.StartsWith(message, thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_app_at_all_is_an_error() =>
        Assert.StartsWith("Apps is empty", Assert.Throws<ConfigurationException>(() => TestApps.From()).Message,
            StringComparison.Ordinal);
}
