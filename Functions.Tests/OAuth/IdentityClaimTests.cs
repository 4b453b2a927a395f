using System.Text.Json;
using TokenBroker.OAuth;
using TokenBroker.Providers;

namespace TokenBroker.Tests.OAuth;

/// <summary>What a provider's reply says of a player, and what it cannot say.</summary>
public sealed class IdentityClaimTests
{
    // https://discord.com/developers/docs/resources/user#user-object
    private const string Discord = """
        {"id":"80351110224678912","username":"nelly","global_name":"Nelly","avatar":"8342729096ea3675442027381ff50dfe",
         "verified":true,"email":"nelly@discord.com","flags":64}
        """;

    [Fact]
    public void Discord_s_user_is_named_with_picture_and_verified_address() => Assert.Equal(
        new Identity(
            "80351110224678912", "Nelly",
            "https://cdn.discordapp.com/avatars/80351110224678912/8342729096ea3675442027381ff50dfe.png", "nelly@discord.com", true),
        Read("discord", Discord));

    [Fact]
    public void What_is_missing_or_of_another_kind_is_left_out_and_names_nobody_else()
    {
        Assert.Equal(new Identity("1", "nelly"), Read("discord", """
            {"id":"1","username":"nelly","global_name":null,"avatar":null,"verified":"yes","email":["a@example.com"]}
            """));
        Assert.Equal(new Identity("1"), Read("discord", """{"id":1,"username":{"a":1},"email":7.5,"verified":true}"""));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{\"id\":null}")]
    [InlineData("{\"id\":\"\"}")]
    [InlineData("{\"id\":true}")]
    [InlineData("{\"id\":[\"1\"]}")]
    [InlineData("{\"id\":{\"id\":1}}")]
    [InlineData("{\"id\":1.0}")]
    [InlineData("{\"id\":1e3}")]
    [InlineData("{\"id\":12345678901234567890}")]
    [InlineData("{\"id\":\"a b\"}")]
    [InlineData("{\"id\":\"\\u0430da\"}")] // a Cyrillic letter that looks like a Latin one
    [InlineData("{\"id\":\"a\\u0000\"}")]
    public void A_subject_that_could_be_taken_for_another_s_names_nobody(string json) => Assert.Null(Read("discord", json));

    private static Identity? Read(string provider, string json)
    {
        using var document = JsonDocument.Parse(json);
        return Identity.From(document.RootElement, ProviderCatalog.Embedded().Find(provider)!.Identity!);
    }
}
