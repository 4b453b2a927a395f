using System.Net;
using System.Text;
using TokenBroker.OAuth;
using TokenBroker.Providers;
using TokenBroker.Web;

namespace TokenBroker.Tests.OAuth;

public sealed class TokenReplyParserTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly Provider Plain = ProviderCatalog.Embedded().Find("oauth2")!;

    [Fact]
    public void A_plain_reply_is_read_whole()
    {
        var token = Token("""
            {"access_token":"at","token_type":"bearer","expires_in":3600,"refresh_token":"rt","scope":"a b",
            "user":{"name":"ada"},"nothing":null}
            """);
        Assert.Equal(("at", "bearer", "rt", "a b"), (token.AccessToken, token.TokenType, token.RefreshToken, token.Scope));
        Assert.Equal(Now.AddHours(1), token.ExpiresAt);
        var extra = Assert.Single(token.Extra!);
        Assert.Equal(("user", "ada"), (extra.Key, extra.Value.GetProperty("name").GetString()));
    }

    [Theory]
    [InlineData("3600", 3600.0)]
    [InlineData("\"3600\"", 3600.0)]
    [InlineData("3600.5", 3600.5)]
    [InlineData("0", 0.0)]
    [InlineData("-1", null)]
    [InlineData("\"soon\"", null)]
    [InlineData("1e300", null)]
    [InlineData("null", null)]
    [InlineData("{}", null)]
    public void A_lifetime_may_be_a_number_or_a_string(string json, double? seconds) =>
        Assert.Equal(seconds is { } lifetime ? Now.AddSeconds(lifetime) : null,
            Token($$"""{"access_token":"at","expires_in":{{json}}}""").ExpiresAt);

    [Theory]
    [InlineData("\"a b\"", "a b")]
    [InlineData("\"a,b\"", "a b")]
    [InlineData("[\"a\",\"b\"]", "a b")]
    [InlineData("\"[\\\"ECom.Shop\\\"]\"", "ECom.Shop")]
    [InlineData("\"[oops\"", "[oops")]
    [InlineData("\"\"", null)]
    [InlineData("[]", null)]
    [InlineData("7", null)]
    public void Scopes_may_be_a_string_an_array_or_an_array_in_a_string(string json, string? expected) =>
        Assert.Equal(expected, Token($$"""{"access_token":"at","scope":{{json}}}""").Scope);

    [Fact]
    public void A_form_encoded_reply_is_read()
    {
        var token = Token("access_token=at&token_type=bearer&scope=a+b&expires_in=60");
        Assert.Equal(("at", "bearer", "a b"), (token.AccessToken, token.TokenType, token.Scope));
        Assert.Equal(Now.AddMinutes(1), token.ExpiresAt);
    }

    [Fact]
    public void A_wrapped_reply_and_a_token_by_another_name_are_read()
    {
        var provider = Plain with { AccessTokenMember = "token", ReplyMember = "body" };
        foreach (var reply in new[] { """{"success":true,"description":"ok","body":{"token":"at","userID":1}}""",
            """{"token":"at","userID":1}""" })
        {
            var token = Parse(200, reply, provider).Value!;
            Assert.Equal("at", token.AccessToken);
            Assert.Equal(1, Assert.Single(token.Extra!).Value.GetInt32());
        }
    }

    [Theory]
    [InlineData(400, """{"error":"invalid_grant","error_description":"x"}""", "invalid_grant", 400)]
    [InlineData(200, """{"code":400,"message":"Invalid code"}""", "invalid_grant", 400)]
    [InlineData(401, """{"error":"invalid_client"}""", "temporarily_unavailable", 502)]
    [InlineData(200, """{"error":"invalid_client"}""", "temporarily_unavailable", 502)]
    [InlineData(200, """{"error":"bad_verification_code"}""", "temporarily_unavailable", 502)]
    [InlineData(200, """{"error":500}""", "temporarily_unavailable", 502)]
    [InlineData(200, """{"error":{"code":"x"}}""", "temporarily_unavailable", 502)]
    [InlineData(500, """{"access_token":"at"}""", "temporarily_unavailable", 502)]
    [InlineData(302, """{"access_token":"at"}""", "temporarily_unavailable", 502)]
    [InlineData(200, """{"access_token":""}""", "temporarily_unavailable", 502)]
    [InlineData(200, """{"access_token":7}""", "temporarily_unavailable", 502)]
    [InlineData(200, """{"token_type":"bearer"}""", "temporarily_unavailable", 502)]
    [InlineData(200, "<html>We will be back</html>", "temporarily_unavailable", 502)]
    [InlineData(200, "", "temporarily_unavailable", 502)]
    [InlineData(200, "[]", "temporarily_unavailable", 502)]
    [InlineData(200, "\"text\"", "temporarily_unavailable", 502)]
    [InlineData(200, "{\"access_token\":\"at\"", "temporarily_unavailable", 502)]
    [InlineData(200, "just words", "temporarily_unavailable", 502)]
    [InlineData(200, "{\"access_token\":\"\\ud800\"}", "temporarily_unavailable", 502)]
    [InlineData(200, "{\"access_token\":\"at\",\"x\":\"\\ud800\"}", "temporarily_unavailable", 502)]
    [InlineData(401, "{\"message\":\"no\"}", "temporarily_unavailable", 502)]
    [InlineData(400, """{"error":"Bad Request","status":400,"message":"Invalid refresh token"}""", "invalid_grant", 400)]
    [InlineData(403, """{"success":false,"description":"The client secret is wrong."}""", "temporarily_unavailable", 502)]
    [InlineData(404, """{"success":false,"description":"This code does not exist."}""", "invalid_grant", 400)]
    [InlineData(503, """{"error":"invalid_grant"}""", "temporarily_unavailable", 502)]
    public void Anything_else_is_a_failure(int status, string body, string error, int answer)
    {
        var result = Parse(status, body, Plain);
        Assert.Null(result.Value);
        Assert.Equal((error, answer), (ErrorOf(result).Error, ErrorOf(result).Status));
    }

    [Theory]
    [InlineData("bad_refresh_token", "invalid_grant")]
    [InlineData("incorrect_client_credentials", "temporarily_unavailable")]
    public void An_entry_translates_its_provider_s_own_errors(string own, string error)
    {
        var provider = Plain with
        {
            Errors =
            new Dictionary<string, string>
            {
                ["bad_refresh_token"] = "invalid_grant",
                ["incorrect_client_credentials"] = "invalid_client"
            }
        };
        Assert.Equal(error, ErrorOf(Parse(200, $$"""{"error":"{{own}}"}""", provider)).Error);
    }

    [Theory]
    [InlineData(401, """{"error":"invalid_client"}""", true)]
    [InlineData(200, """{"code":400,"message":"Invalid client"}""", true)]
    [InlineData(400, """{"error":"invalid_grant"}""", false)]
    [InlineData(500, "", false)]
    public void It_is_told_when_another_secret_may_help(int status, string body, bool expected) =>
        Assert.Equal(expected, TokenClient.MayBeWrongSecret(Parse(status, body, Plain).Failure));

    [Fact]
    public void A_reply_that_nests_too_deep_is_trouble() =>
        Assert.Equal(502, ErrorOf(Parse(
            200, $$"""{"access_token":"at","x":{{new string('[', 40)}}{{new string(']', 40)}}}""", Plain)).Status);

    [Fact]
    public void A_byte_order_mark_does_not_hurt() => Assert.Equal("at", Token("\ufeff{\"access_token\":\"at\"}").AccessToken);

    [Fact]
    public void Tokens_do_not_show_themselves()
    {
        var token = Token("""{"access_token":"secret-at","refresh_token":"secret-rt"}""");
        Assert.DoesNotContain("secret", token.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", ((Result<TokenReply, ProviderFailure>)token).ToString(), StringComparison.Ordinal);
    }

    /// <summary>What a game is told.</summary>
    private static OAuthError ErrorOf(Result<TokenReply, ProviderFailure> result) => OAuthError.Of(result.Failure!.Value);

    private static TokenReply Token(string body) => Parse(200, body, Plain).Value!;

    private static Result<TokenReply, ProviderFailure> Parse(int status, string body, Provider provider) =>
        TokenReplyParser.Parse((HttpStatusCode)status, Encoding.UTF8.GetBytes(body), provider, Now);
}
