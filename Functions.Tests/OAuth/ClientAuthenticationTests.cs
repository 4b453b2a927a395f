using System.Text;
using TokenBroker.OAuth;
using TokenBroker.Providers;

namespace TokenBroker.Tests.OAuth;

public sealed class ClientAuthenticationTests
{
    private const string Id = "id with space";
    private const string Secret = "a:b+c%é";

    [Fact]
    public void Post_puts_both_into_the_body()
    {
        var (header, body) = Apply(ClientAuthenticationStyle.Post);
        Assert.Null(header);
        Assert.Equal((Id, Secret), (body["client_id"], body["client_secret"]));
    }

    [Fact]
    public void Basic_encodes_as_the_RFC_asks()
    {
        var (header, body) = Apply(ClientAuthenticationStyle.Basic);
        Assert.Equal("id+with+space:a%3Ab%2Bc%25%C3%A9", header);
        Assert.Empty(body);
    }

    [Fact]
    public void Raw_basic_encodes_nothing()
    {
        var (header, body) = Apply(ClientAuthenticationStyle.BasicRaw);
        Assert.Equal($"{Id}:{Secret}", header);
        Assert.Empty(body);
    }

    private static (string? Header, Dictionary<string, string> Body) Apply(ClientAuthenticationStyle style)
    {
        using var request = new HttpRequestMessage();
        var body = new Dictionary<string, string>();
        ClientAuthentication.Apply(style, Id, Secret, request.Headers, body);
        var parameter = request.Headers.Authorization?.Parameter;
        return (parameter is null ? null : Encoding.UTF8.GetString(Convert.FromBase64String(parameter)), body);
    }
}
